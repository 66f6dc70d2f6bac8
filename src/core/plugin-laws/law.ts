import type { AnyPlugin, Json } from '../plugin.js'
import type { PluginSamples, Scene } from './samples.js'

/** What a law is held to: a plugin in one of its scenes. */
export interface LawSubject {
  readonly plugin: AnyPlugin
  readonly samples: PluginSamples
  readonly scene: Scene
}

/** Something that every plugin has to keep to, whatever it does. */
export interface Law {
  /** Short and kebab-case: what a report calls it. */
  readonly name: string
  /** A sentence that can be false, without a period. */
  readonly statement: string
  /** Held once a scene, or once a plugin. */
  readonly per: 'plugin' | 'scene'
  /** @throws Error whose message says how the law is broken
   *  @throws DoesNotApply */
  check(subject: LawSubject): Promise<void> | void
}

/** The law says nothing about this plugin or scene. */
export class DoesNotApply extends Error {}

/** @throws Error with that message */
export function hold(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

/** Holds two stored states to be the same, and says where they differ. */
export function holdSame(actual: Json, expected: Json, what: string): void {
  const difference = firstDifference(actual, expected, '')
  hold(difference === null, `${what} differs at ${difference}`)
}

/** "keys[2].value: 1 instead of 2", or null. Members that are undefined do not count. */
export function firstDifference(actual: unknown, expected: unknown, path: string): string | null {
  if (Object.is(actual, expected)) return null
  const isBranch = isObject(actual) && isObject(expected)
  if (!isBranch || Array.isArray(actual) !== Array.isArray(expected)) {
    return `${path === '' ? 'its root' : path}: ${show(actual)} instead of ${show(expected)}`
  }
  const a = actual as Readonly<Record<string, unknown>>
  const b = expected as Readonly<Record<string, unknown>>
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const inside = Array.isArray(actual) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const difference = firstDifference(a[key], b[key], inside)
    if (difference !== null) return difference
  }
  return null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'bigint' ? `${one}n` : one,
  )
  return text === undefined ? String(value) : text.length > 60 ? `${text.slice(0, 60)}...` : text
}

/** Time that what was told to stop has to come to its end, in milliseconds. */
const stopLimitMs = 5000

/** Waits for what was told to stop.
 *  @throws Error when it goes on */
export async function settles<Value>(phase: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} that was given up goes on for over ${stopLimitMs} ms`)),
      stopLimitMs,
    )
  })
  try {
    return await Promise.race([phase, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** A stored state as it comes from a file: nothing is shared with the original. */
export function plain(stored: Json): Json {
  return JSON.parse(JSON.stringify(stored)) as Json
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
