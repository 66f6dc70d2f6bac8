import type { Descriptor, PluginHost, ResourcePlan } from '../../core/plugin.js'
import type { FilesFold } from './fold.js'
import { namelessStream, placeOfDescriptor } from './open-files.js'
import { nameOf, type Place } from './place.js'
import { isNotUtf8 } from './problems.js'
import type { Contents } from './state.js'

type Verdict = Pick<ResourcePlan, 'status' | 'reason' | 'hint'>

const streamNames = ['stdin', 'stdout', 'stderr']

/** Says for every descriptor what a snapshot would do about it. */
export function planSnapshot(
  host: PluginHost,
  fold: FilesFold,
  contents: Contents,
): readonly ResourcePlan[] {
  const descriptors = host.descriptors()
  return descriptors.flatMap((one) => {
    // What another plugin keeps is its own to plan.
    if (one.kind === 'resource') return []
    if (streamNames.includes(one.kind)) {
      return [
        { resource: `descriptor ${one.fd} (${one.kind})`, descriptor: one.fd, ...planStream(one) },
      ]
    }
    const place = placeOfDescriptor(one, descriptors)
    // A preopen that the guest has closed is there for files that were opened below it.
    const name = place === null ? one.guestPath : nameOf(place)
    const resource = one.fd >= firstClosedPreopen ? name : `descriptor ${one.fd} (${name})`
    return [{ resource, descriptor: one.fd, ...planOne(host, fold, one, place, contents) }]
  })
}

/** The view numbers preopens that are closed from here. */
const firstClosedPreopen = 0x80000000

function planStream({ kind, stream, unread }: Descriptor): Verdict {
  if (stream === 'file') {
    const reason = 'is a file of this host'
    return { status: 'mapping', reason, hint: `Elsewhere: recover with --${kind} FILE.` }
  }
  const waiting = unread.length > 0 ? `; ${unread.length} bytes that were not read travel` : ''
  const what = stream === 'null' ? 'is connected to nothing' : `is a ${stream}`
  return { status: 'portable', reason: `${what}, and will be one again${waiting}`, hint: '' }
}

function planOne(
  host: PluginHost,
  fold: FilesFold,
  one: Descriptor,
  place: Place | null,
  contents: Contents,
): Verdict {
  if (one.kind === 'preopen') {
    const { guestPath } = one
    const found = host.directories.find((directory) => directory.guestPath === guestPath)
    const reason = `is ${found?.hostPath ?? 'nowhere'} on this host`
    const hint = `Elsewhere: recover with --map-dir ${guestPath}=HOST.`
    return { status: 'mapping', reason, hint }
  }
  if (one.kind === 'provided') {
    return { status: 'portable', reason: `belongs to plugin ${one.stream}`, hint: '' }
  }
  if (place === null) {
    const hint = 'Take the snapshot when the program has closed it.'
    return { status: 'blocked', reason: 'is below no directory of the guest', hint }
  }
  if (one.stream === namelessStream) {
    const what = one.kind === 'directory' ? 'it is made again' : 'its contents travel'
    return { status: 'portable', reason: `was deleted while open: ${what}`, hint: '' }
  }
  if (isNotUtf8(place.path)) {
    const hint = 'Rename it, or take the snapshot when the program has closed it.'
    return { status: 'blocked', reason: 'has a name that is not UTF-8', hint }
  }
  const travels = contents === 'all' || (contents === 'written' && fold.isWritten(place))
  if (travels) return { status: 'portable', reason: 'travels', hint: '' }
  return {
    status: 'mapping',
    reason:
      one.kind === 'directory'
        ? 'has to be there when the guest is recovered'
        : 'has to be there, as it is now, when the guest is recovered',
    hint: 'Take it along with --contents written or all.',
  }
}
