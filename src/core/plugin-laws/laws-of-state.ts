import { hostname } from 'node:os'
import type { Json } from '../plugin.js'
import { upgradeState } from '../plugin-host/upgrade-state.js'
import { DoesNotApply, firstDifference, hold, holdSame, type Law, messageOf, plain } from './law.js'
import { SampleGuest, type TakenSample } from './sample-guest.js'

/** Takes the state of a scene on a host of that number. */
async function taken(
  { plugin, scene }: Parameters<Law['check']>[0],
  number = 0,
): Promise<TakenSample & { readonly root: string }> {
  const guest = await SampleGuest.played(plugin, scene, number)
  try {
    return { ...(await guest.take()), root: guest.host.root }
  } finally {
    await guest.end()
  }
}

/** What a state has to be, as a value and as it is stored. */
export const lawsOfState: readonly Law[] = [
  {
    name: 'state-is-json',
    statement: 'what format gives is plain JSON: nothing is lost when it is written',
    per: 'scene',
    async check(subject) {
      const { stored } = await taken(subject)
      const written = JSON.stringify(stored)
      hold(written !== undefined, 'format gives nothing')
      const difference = firstDifference(JSON.parse(written), stored, '')
      hold(difference === null, `what is read again differs at ${difference}`)
    },
  },
  {
    name: 'format-parse',
    statement: 'parse makes of what format gave the very state that it came from',
    per: 'scene',
    async check(subject) {
      const { state, stored } = await taken(subject)
      const schema = subject.plugin.state
      const parsed: unknown = schema.parse(plain(stored))
      holdSame(plain(schema.format(parsed)), plain(stored), 'format(parse(format(state)))')
      const difference = firstDifference(parsed, state, '')
      hold(difference === null, `parse(format(state)) differs at ${difference}`)
    },
  },
  {
    name: 'parse-refuses',
    statement: 'parse refuses what is no state, and never takes a part of the wrong type',
    per: 'scene',
    async check(subject) {
      const { stored } = await taken(subject)
      const { parse, format } = subject.plugin.state
      const kind = kindOf(stored)
      for (const stranger of [null, 7, 'text', true, [1], { stranger: 1 }] as const) {
        if (kindOf(stranger) === kind && kind !== 'object') continue
        requireRefusal(parse, stranger, `parse takes ${JSON.stringify(stranger)} for a state`)
      }
      for (const { path, changed } of damaged(stored)) {
        let parsed: unknown
        try {
          parsed = parse(plain(changed))
        } catch (error) {
          requireError(error, `parse throws no Error when ${path} is damaged`)
          continue
        }
        // What it takes has to mean something: it comes back as it was.
        holdSame(plain(format(parsed)), plain(changed), `a state whose ${path} is damaged`)
      }
    },
  },
  {
    name: 'host-independent',
    statement: 'a state says nothing about its host: no path, no descriptor, no name of it',
    per: 'scene',
    async check(subject) {
      const here = await taken(subject, 0)
      const there = await taken(subject, 1)
      holdSame(plain(there.stored), plain(here.stored), 'the state on another host')
      const text = JSON.stringify(here.stored)
      for (const secret of [here.root, hostname(), process.cwd()]) {
        const isTelling = secret.length > 3 && text.includes(JSON.stringify(secret).slice(1, -1))
        hold(!isTelling, `the state names "${secret}"`)
      }
    },
  },
  {
    name: 'migrations',
    statement: 'there is a migration from every version, tried on a stored state of each',
    per: 'plugin',
    check({ plugin, samples }) {
      const { name, state: schema } = plugin
      const stored = samples.stored ?? []
      if (schema.version === 1 && stored.length === 0) throw new DoesNotApply()
      for (let version = 1; version < schema.version; version++) {
        const has = typeof schema.migrations[version] === 'function'
        hold(has, `there is no migration from version ${version} to ${version + 1}`)
        const isTried = stored.some((one) => one.version === version)
        hold(isTried, `the samples have no stored state of version ${version}`)
      }
      for (const { version, state, name: label = `of version ${version}` } of stored) {
        const before = JSON.stringify(state)
        let upgraded: unknown
        try {
          upgraded = upgradeState(schema, { version, state }, name)
        } catch (error) {
          throw new Error(`the stored state ${label} is refused: ${messageOf(error)}`)
        }
        hold(JSON.stringify(state) === before, `the migrations change the stored state ${label}`)
        schema.parse(plain(schema.format(upgraded)))
      }
    },
  },
]

function kindOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

function requireRefusal(parse: (state: Json) => unknown, state: Json, message: string): void {
  try {
    parse(state)
  } catch (error) {
    requireError(error, `parse throws no Error for ${JSON.stringify(state)}`)
    return
  }
  throw new Error(message)
}

function requireError(error: unknown, message: string): void {
  const isError = error instanceof Error && error.message !== ''
  hold(isError, message)
}

/** The same state with one member gone or of another type, once for each member. */
function* damaged(
  json: Json,
  path = '',
): Generator<{ readonly path: string; readonly changed: Json }> {
  if (typeof json !== 'object' || json === null) return
  const isList = Array.isArray(json)
  for (const [key, value] of Object.entries(json as Readonly<Record<string, Json>>)) {
    const inside = isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const put = (member: Json): Json =>
      isList ? json.with(Number(key), member) : { ...json, [key]: member }
    for (const wrong of wrongFor(value)) yield { path: inside, changed: put(wrong) }
    if (!isList) {
      const { [key]: _, ...rest } = json as Readonly<Record<string, Json>>
      yield { path: inside, changed: rest }
    }
    for (const one of damaged(value, inside)) yield { path: one.path, changed: put(one.changed) }
  }
}

function wrongFor(value: Json): readonly Json[] {
  switch (typeof value) {
    case 'number':
      return ['text', null, -1, 0.5, 1e300]
    case 'string':
      return [7, null]
    case 'boolean':
      return ['text']
    default:
      return [7, 'text']
  }
}
