/** What the fuzz tests share, as native/test/fuzz.h: seeded mutations, and a limit on time. */
import { randomNumbers } from './sweep-points.js'

/** CPU time after which a round is taken to hang, in milliseconds. */
const roundLimitMs = 10_000
/** Rounds that are made however slow the machine is. */
const leastRounds = 20

/** A source of choices, the same for a seed. */
export class Choices {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomNumbers(seed)
  }

  /** A whole number below `limit`; 0 when that is 0. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  /** One of a list that is not empty. */
  of<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0]
  }
}

/**
 * Makes rounds until the time is over: a second, or WASMSH_FUZZ_SECONDS. Round n has the seed
 * WASMSH_FUZZ_SEED (1 by default) + n, which a failure names, so that it can be repeated.
 */
export async function fuzzRounds(round: (choices: Choices) => Promise<void> | void): Promise<void> {
  const seconds = Number(process.env['WASMSH_FUZZ_SECONDS'] ?? 1)
  const first = Number(process.env['WASMSH_FUZZ_SEED'] ?? 1)
  const end = performance.now() + seconds * 1000
  for (let rounds = 0; rounds < leastRounds || performance.now() < end; rounds++) {
    const seed = first + rounds
    const before = process.cpuUsage()
    try {
      await round(new Choices(seed))
    } catch (error) {
      throw new Error(`WASMSH_FUZZ_SEED=${seed}: ${String(error)}`, { cause: error })
    }
    const { user, system } = process.cpuUsage(before)
    if ((user + system) / 1000 > roundLimitMs) {
      throw new Error(`WASMSH_FUZZ_SEED=${seed} takes too long`)
    }
  }
}

const tellingBytes = [0x00, 0x01, 0x2f, 0x30, 0x37, 0x7f, 0x80, 0xff] as const

/** Changes, inserts, removes or repeats some bytes, or cuts the end off. */
export function mutateBytes(bytes: Uint8Array, choices: Choices): Uint8Array {
  const changed = [...bytes]
  for (let changes = 1 + choices.below(4); changes > 0; changes--) {
    const at = choices.below(changed.length)
    switch (choices.below(7)) {
      case 0:
        changed[at] = choices.below(256)
        break
      case 1:
        changed[at] = (changed[at] ?? 0) ^ (1 << choices.below(8))
        break
      case 2:
        changed[at] = choices.of(tellingBytes)
        break
      case 3:
        changed.splice(at, 0, choices.below(256))
        break
      case 4:
        changed.splice(at, 1)
        break
      case 5:
        changed[at] = changed[choices.below(changed.length)] ?? 0
        break
      default:
        if (choices.below(8) === 0) changed.length = at
        break
    }
  }
  return Uint8Array.from(changed)
}

/** Puts pieces of text together: some of `pieces`, some characters of any kind. */
export function randomText(pieces: readonly [string, ...string[]], choices: Choices): string {
  let text = ''
  for (let count = choices.below(12); count > 0; count--) {
    text += choices.below(5) === 0 ? anyCharacter(choices) : choices.of(pieces)
  }
  return text
}

function anyCharacter(choices: Choices): string {
  const limit = choices.of([0x80, 0x800, 0x110000])
  // Half of a surrogate pair is a string too.
  return String.fromCodePoint(choices.below(limit))
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Replaces, removes, repeats or adds a member or element somewhere in a JSON document. */
export function mutateJson(document: unknown, choices: Choices): Json {
  const changed = structuredClone(document) as Json
  const places = placesOf(changed)
  const [first, ...rest] = places
  if (first === undefined) return oddValue(choices)
  for (let changes = 1 + choices.below(2); changes > 0; changes--) {
    const { parent, key } = choices.of([first, ...rest])
    if (Array.isArray(parent)) mutateArray(parent, Number(key), choices)
    else mutateObject(parent, key, choices)
  }
  return changed
}

interface Place {
  readonly parent: Json[] | { [name: string]: Json }
  readonly key: string
}

function placesOf(value: Json): Place[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, member]) => [
    { parent: value, key },
    ...placesOf(member),
  ])
}

function mutateArray(list: Json[], at: number, choices: Choices): void {
  switch (choices.below(3)) {
    case 0:
      list.splice(at, 1)
      break
    case 1:
      list.splice(at, 0, structuredClone(list[at] ?? null))
      break
    default:
      list[at] = oddValue(choices)
      break
  }
}

function mutateObject(members: { [name: string]: Json }, name: string, choices: Choices): void {
  switch (choices.below(4)) {
    case 0:
      delete members[name]
      break
    case 1:
      // An assignment to __proto__ would not make a member of it.
      Object.defineProperty(
        members,
        choices.of(['extra', '__proto__', 'constructor', '', '../x']),
        {
          value: oddValue(choices),
          configurable: true,
          enumerable: true,
          writable: true,
        },
      )
      break
    case 2: {
      const names = Object.keys(members)
      members[name] = structuredClone(members[names[choices.below(names.length)] ?? name] ?? null)
      break
    }
    default:
      members[name] = oddValue(choices)
      break
  }
}

function oddValue(choices: Choices): Json {
  const values: readonly [Json, ...Json[]] = [
    ...[null, true, 0, -1, 0.5, 1e308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)],
    ...['', '0', '-1', '1.0', '../../etc/passwd', '/', '\u0000', '\u001b[2J', '\ud800'],
    ...['x'.repeat(5000), 'state.bin', 'memory-0.img', '9'.repeat(25)],
    ...[[], {}, [[]], [null], { a: 1 }],
  ] as [Json, ...Json[]]
  return structuredClone(choices.of(values))
}
