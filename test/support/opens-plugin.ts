import {
  definePlugin,
  type Json,
  type Op,
  type PluginCommand,
  pluginApiVersion,
  type ResourcePlugin,
  type ResourceTracker,
} from '../../src/core/plugin.js'

export interface OpensState {
  readonly opened: number
  readonly limit: number
}

/** Counts the files that a guest opens, against a limit that it cannot see. */
export class OpensTracker implements ResourceTracker<OpensState> {
  opened = 0
  limit = 10

  record(op: Op): void {
    if (op.creates !== null) this.opened++
  }

  async snapshot(): Promise<OpensState> {
    return { opened: this.opened, limit: this.limit }
  }

  async recover(state: OpensState): Promise<[]> {
    this.opened = state.opened
    this.limit = state.limit
    return []
  }

  async dispose(): Promise<void> {}
}

const opens: PluginCommand<OpensTracker, OpensState & { readonly of: string }> = {
  name: 'count-opens',
  summary: 'counts the files that a guest has opened',
  usage: ['count-opens [WHAT] [--plain]'],
  subject: 'guest-or-snapshot',
  help: 'Counts what path_open made.',
  arity: [0, 1],
  complete: [(subject) => (subject?.kind === 'guest' ? [`of-${subject.guest.name}`] : ['none'])],
  options: { plain: { type: 'boolean', short: 'p', summary: 'print the number alone' } },
  async run(context, input) {
    if (input.argument(0) === 'nonsense') throw input.usageError('It counts files only')
    if (input.argument(0) === 'failure') throw new TypeError('out of fingers')
    const subject = await context.subject()
    if (subject.kind === 'guest') {
      const { guest, tracker } = subject
      return { of: guest.name, opened: tracker.opened, limit: tracker.limit }
    }
    if (subject.state === null) throw new Error('it has no state there')
    return { of: subject.snapshot.name, ...subject.state }
  },
  render: ({ of, opened, limit }, page) =>
    page.table([{ head: 'OF' }, { head: 'OPENED', align: 'right' }], [[of, `${opened}/${limit}`]]),
  status: ({ opened, limit }) => (opened > limit ? 4 : 0),
}

function toLimit(target: string, value: string): number {
  if (target !== 'limit') throw new Error(`there is no ${target}`)
  if (/^\d+$/.test(value)) return Number(value)
  throw new Error(`${value} is no limit`)
}

export const opensPlugin: ResourcePlugin<OpensState, OpensTracker> = definePlugin<
  OpensState,
  OpensTracker
>({
  name: 'opens',
  apiVersion: pluginApiVersion,
  dependsOn: [],
  creates: ['path_open'],
  state: {
    version: 1,
    migrations: {},
    format: ({ opened, limit }) => ({ opened, limit }),
    parse(json: Json) {
      const { opened, limit } = json as { opened: number; limit: number }
      if (Number.isInteger(opened) && Number.isInteger(limit)) return { opened, limit }
      throw new Error('opened and limit are not both whole numbers')
    },
  },
  commands: [opens],
  topics: [{ name: 'opening', summary: 'how files are opened', text: 'By path_open.' }],
  formatters: {
    values: [
      {
        accepts: (value) => value instanceof OpensTracker,
        format: (tracker: OpensTracker, page) => page.theme.number(`<${tracker.opened} opens>`),
      },
    ],
  },
  edits: {
    targets: [{ usage: 'opens.limit', summary: 'how many files may be opened' }],
    complete: () => ['opens.limit'],
    edit({ tracker }, target, value) {
      const limit = toLimit(target, value)
      const old = String(tracker.limit)
      tracker.limit = limit
      return { old, new: String(limit) }
    },
    editStored({ state, descriptors }, target, value) {
      if (target === 'offset') {
        const before = descriptors.find(({ fd }) => fd === 4)?.offset
        return {
          old: String(before),
          new: value,
          state,
          descriptors: descriptors.map((one) =>
            one.fd === 4 ? { ...one, offset: BigInt(value) } : one,
          ),
        }
      }
      const limit = toLimit(target, value)
      return { old: String(state.limit), new: String(limit), state: { ...state, limit } }
    },
  },
  track: () => new OpensTracker(),
})
