import { importName, importsOf, type PluginImport } from '../plugin-host/import-type.js'
import { DoesNotApply, hold, holdSame, type Law, messageOf, plain, settles } from './law.js'
import { SampleGuest } from './sample-guest.js'

/** Arguments that no careful program gives: pointers to nowhere, lengths without end. */
const wildNumbers = [-1, 0x7fffffff, -0x80000000, 0xfff0] as const

function wild({ params }: PluginImport, number: number): readonly (number | bigint)[] {
  return params.map(({ type }) => (type === 'i64' ? BigInt(number) : number))
}

/** What host functions owe to guests, which may call them with anything at any time. */
export const lawsOfCalls: readonly Law[] = [
  {
    name: 'imports-are-there',
    statement: 'the tracker has a function for every import that the plugin declares',
    per: 'plugin',
    async check({ plugin, scene }) {
      const imports = importsOf(plugin)
      if (imports.length === 0) throw new DoesNotApply()
      const guest = SampleGuest.fresh(plugin, scene)
      try {
        for (const one of imports) {
          const run: unknown = guest.tracker.imports?.[one.module]?.[one.name]
          hold(typeof run === 'function', `there is no function for ${importName(one)}`)
        }
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'trap-changes-nothing',
    statement: 'a call with wild arguments answers, or traps without any effect',
    per: 'scene',
    async check({ plugin, scene }) {
      const imports = importsOf(plugin)
      if (imports.length === 0) throw new DoesNotApply()
      const guest = await SampleGuest.played(plugin, scene)
      try {
        for (const one of imports) {
          for (const number of wildNumbers) {
            await callWildly(guest, one, number)
          }
        }
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'call-gives-up',
    statement: 'a call ends when the guest is to stand still: settled, or NotBegun without effect',
    per: 'scene',
    async check({ plugin, scene }) {
      const imports = importsOf(plugin)
      if (imports.length === 0) throw new DoesNotApply()
      const guest = await SampleGuest.played(plugin, scene)
      try {
        const samples = scene.calls ?? []
        for (const one of imports) {
          const name = importName(one)
          const call = samples.find((sample) => sample.import === name) ?? { import: name }
          const before = plain((await guest.take()).stored)
          const stop = new AbortController()
          const answer = guest.call(call, stop.signal).then(
            () => null,
            (error: unknown) => error,
          )
          stop.abort()
          const thrown = await settles(answer, `a call of ${name}`)
          if (thrown === null) continue
          holdSame(plain((await guest.take()).stored), before, `the state after ${name} gave up`)
        }
      } finally {
        await guest.end()
      }
    },
  },
]

async function callWildly(guest: SampleGuest, one: PluginImport, number: number): Promise<void> {
  const name = importName(one)
  const before = plain((await guest.take()).stored)
  const memory = Buffer.from(guest.memory)
  const stop = new AbortController()
  // What waits for something is told to stand still; what answers at once does not notice.
  const later = setTimeout(() => stop.abort(), 20)
  const args = wild(one, number)
  const answer = guest.call({ import: name, args }, stop.signal).then(
    () => null,
    (error: unknown) => error,
  )
  const thrown = await settles(answer, `${name}(${args.join(', ')})`)
  clearTimeout(later)
  if (thrown === null) return
  const how = `after ${name}(${args.join(', ')}) trapped: ${messageOf(thrown)}`
  holdSame(plain((await guest.take()).stored), before, `the state ${how}`)
  hold(memory.equals(guest.memory), `the memory has changed ${how}`)
}
