import { WasmshError } from '../errors.js'
import type { RecoverOptions } from '../guest/run-options.js'
import type { StreamName } from '../guest/streams.js'
import type { DescriptorRequest } from '../plugin.js'
import type { Descriptor } from '../wasm-view.js'

/** Descriptors of a snapshot, where some of them are to stand for something else. */
export interface Repointed {
  /** All of them, as the guest is to have them. */
  readonly descriptors: readonly Descriptor[]
  /** Those that plugins put back. */
  readonly kept: readonly Descriptor[]
  /** What plugins are to open afresh. */
  readonly requests: readonly DescriptorRequest[]
  /** Streams that plugins put back or open: nothing else is opened for them. */
  readonly keptStreams: ReadonlySet<StreamName>
}

const streamNames: readonly StreamName[] = ['stdin', 'stdout', 'stderr']

/** Applies what the options of a recovery say of streams and descriptors that plugins kept.
 *  @throws WasmshError ERR_WASMSH_OPTION_INVALID for a descriptor that no plugin kept */
export function repoint(stored: readonly Descriptor[], options: RecoverOptions): Repointed {
  const told = options.descriptors ?? {}
  requireKept(stored, Object.keys(told).map(Number))
  const requests: DescriptorRequest[] = []
  const keptStreams = new Set<StreamName>()
  const replaced = new Set<number>()
  const descriptors = stored.map((one): Descriptor => {
    const name = streamNames.find(
      (stream) => one.kind === stream || (one.kind === 'resource' && one.guestPath === stream),
    )
    const option = name === undefined ? undefined : options[name]
    const isNamed = typeof option === 'object'
    const target = told[one.fd]
    if (target !== undefined) {
      replaced.add(one.fd)
      requests.push({ fd: one.fd, target, access: null })
      if (name !== undefined) keptStreams.add(name)
      return one
    }
    if (name === undefined) return one
    if (isNamed && 'resource' in option) {
      replaced.add(one.fd)
      const access = name === 'stdin' ? 'read' : 'write'
      requests.push({ fd: one.fd, target: option.resource, access })
      keptStreams.add(name)
      return { ...one, kind: 'resource', guestPath: name, stream: '', unread: new Uint8Array() }
    }
    if (one.kind !== 'resource') return one
    if (isNamed) {
      replaced.add(one.fd)
      return { ...one, kind: name, guestPath: '', stream: 'file' }
    }
    keptStreams.add(name)
    return one
  })
  const kept = descriptors.filter(({ fd }) => !replaced.has(fd))
  return { descriptors, kept, requests, keptStreams }
}

function requireKept(stored: readonly Descriptor[], told: readonly number[]): void {
  const kept = stored.filter(({ kind }) => kind === 'resource').map(({ fd }) => fd)
  const stray = told.find((fd) => !kept.includes(fd))
  if (stray === undefined) return
  throw new WasmshError(
    'ERR_WASMSH_OPTION_INVALID',
    `The snapshot has no descriptor ${stray} that a plugin kept`,
    { hint: kept.length === 0 ? 'It has none at all.' : `It has ${kept.join(', ')}.` },
  )
}
