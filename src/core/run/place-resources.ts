import type { Degradations, GuestPlugins } from '../plugin-host/guest-plugins.js'
import type { PluginRecoveryOptions } from '../plugin-host/plugin-recovery.js'
import { type RecoveredPlugins, recoverPlugins } from '../plugin-host/recover-plugins.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import type { Descriptor } from '../wasm-view.js'
import { closeGiven, type Given } from './given.js'
import type { Repointed } from './repoint.js'
import type { StartContext } from './run.js'

/** Resources in place, and the descriptors that the guest is to have. */
export interface Placed {
  readonly degradations: Degradations
  readonly descriptors: readonly Descriptor[]
  readonly given: readonly Given[]
}

/** Opens what was asked for, and has plugins put back the rest. */
export async function placeResources(
  { binding }: StartContext,
  plugins: GuestPlugins,
  stored: StoredSnapshot,
  { descriptors, kept, requests }: Repointed,
  options: PluginRecoveryOptions,
): Promise<Placed> {
  const opened: Given[] = []
  let recovered: RecoveredPlugins
  try {
    for (const request of requests) {
      opened.push({ fd: request.fd, hostFd: plugins.open(request) })
    }
    recovered = await recoverPlugins(binding, plugins, stored, kept, options)
  } catch (error) {
    closeGiven(opened)
    throw error
  }
  const given = [...opened, ...recovered.given]
  const changed = new Map(recovered.descriptors.map((one) => [one.fd, one]))
  const { descriptors: left, lost } = dropUnkept(
    // What the plugins were asked for and have left out stays out.
    descriptors.flatMap((one) => changed.get(one.fd) ?? (kept.includes(one) ? [] : [one])),
    given,
  )
  return { degradations: [...recovered.degradations, ...lost], descriptors: left, given }
}

/** Leaves out what a plugin kept and none has put back: the guest finds it closed. */
function dropUnkept(
  descriptors: readonly Descriptor[],
  given: readonly Given[],
): { readonly descriptors: readonly Descriptor[]; readonly lost: Degradations } {
  const isLost = ({ fd, kind }: Descriptor): boolean =>
    kind === 'resource' && !given.some((one) => one.fd === fd)
  const lost = descriptors
    .filter(isLost)
    .map(({ fd }) => ({ plugin: 'none', resource: `descriptor ${fd}`, reason: 'is closed' }))
  return { descriptors: descriptors.filter((one) => !isLost(one)), lost }
}
