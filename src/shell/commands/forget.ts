import { defineCommand } from '../command.js'
import { count, printable } from '../text.js'

interface Result {
  readonly forgotten: readonly string[]
}

export const forget = defineCommand<Result>({
  name: 'forget',
  group: 'Snapshots',
  summary: 'removes snapshots and groups of them from the store',
  usage: ['forget NAME...'],
  arity: [1, 10_000],
  complete: ['snapshot'],
  help: `NAME is a snapshot or a group ("snapshot --group"), all snapshots of which go together. A name that is not there removes nothing at all.

Pages of memory that later snapshots refer to stay until those are gone, too. Guests that were recovered from the snapshot are not affected. "store gc" removes modules that no snapshot needs any more.`,
  async run(session, input) {
    await session.shell.store.forget(...input.positionals)
    return { forgotten: input.positionals }
  },
  render: ({ forgotten }, page) =>
    forgotten.length === 1
      ? `Forgot ${page.theme.guest(printable(forgotten[0] ?? ''))}`
      : `Forgot ${count(forgotten.length, 'snapshot')}`,
})
