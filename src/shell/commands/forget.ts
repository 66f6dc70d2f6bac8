import { defineCommand } from '../command.js'
import { count, printable } from '../text.js'

interface Result {
  readonly forgotten: readonly string[]
}

export const forget = defineCommand<Result>({
  name: 'forget',
  group: 'Snapshots',
  summary: 'removes snapshots from the store',
  usage: ['forget NAME...'],
  arity: [1, 10_000],
  complete: ['snapshot'],
  help: `Pages of memory that later snapshots refer to stay until those are gone, too. Guests that were recovered from the snapshot are not affected. "store gc" removes modules that no snapshot needs any more.`,
  async run(session, input) {
    // All names are looked up before the first is removed: a typing error removes nothing.
    for (const name of input.positionals) await session.shell.store.get(name)
    for (const name of input.positionals) await session.shell.store.forget(name)
    return { forgotten: input.positionals }
  },
  render: ({ forgotten }, page) =>
    forgotten.length === 1
      ? `Forgot ${page.theme.guest(printable(forgotten[0] ?? ''))}`
      : `Forgot ${count(forgotten.length, 'snapshot')}`,
})
