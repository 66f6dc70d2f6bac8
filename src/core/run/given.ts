import { closeSync } from 'node:fs'
import { WasmshError } from '../errors.js'
import type { StartOptions } from '../guest/run-options.js'
import type { OpenResource, StreamName } from '../guest/streams.js'
import type { GuestPlugins } from '../plugin-host/guest-plugins.js'

/** A host descriptor for a number that the guest is to see. */
export interface Given {
  readonly fd: number
  readonly hostFd: number
}

/** Numbers of the standard streams. */
export const streamNumbers: Readonly<Record<StreamName, number>> = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
}

/** As many descriptors as a guest may hold. */
const maxDescriptors = 1024

/** Opens standard streams that plugins keep. */
export function resourceOpener(plugins: GuestPlugins): OpenResource {
  return (name, target) =>
    plugins.open({
      fd: streamNumbers[name],
      target,
      access: name === 'stdin' ? 'read' : 'write',
    })
}

/**
 * Has plugins open further descriptors that a guest begins with; all or none of them.
 *
 * @param taken numbers that stand for something else, and for what
 * @throws WasmshError ERR_WASMSH_DESCRIPTOR_TAKEN, ERR_WASMSH_RESOURCE_UNKNOWN and those of plugins
 */
export function openGiven(
  plugins: GuestPlugins,
  descriptors: StartOptions['descriptors'],
  taken: ReadonlyMap<number, string>,
): readonly Given[] {
  const given: Given[] = []
  try {
    for (const [number, target] of Object.entries(descriptors ?? {})) {
      const fd = Number(number)
      requireFree(fd, taken)
      given.push({ fd, hostFd: plugins.open({ fd, target, access: null }) })
    }
    return given
  } catch (error) {
    closeGiven(given)
    throw error
  }
}

export function closeGiven(given: readonly Given[]): void {
  // Several descriptors may have been given one.
  for (const hostFd of new Set(given.map((one) => one.hostFd))) closeSync(hostFd)
}

function requireFree(fd: number, taken: ReadonlyMap<number, string>): void {
  if (!Number.isInteger(fd) || fd < 0 || fd >= maxDescriptors) {
    throw new WasmshError(
      'ERR_WASMSH_OPTION_INVALID',
      `${fd} cannot be the number of a descriptor`,
      { hint: `Give a number from 3 to ${maxDescriptors - 1}.` },
    )
  }
  const owner = taken.get(fd)
  if (owner === undefined) return
  throw new WasmshError('ERR_WASMSH_DESCRIPTOR_TAKEN', `Descriptor ${fd} is ${owner} of the guest`)
}
