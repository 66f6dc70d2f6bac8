import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import type { StablePoints } from '../aot/stable-points.js'
import { fromSystem, WasmshError } from '../errors.js'
import type { Module } from '../module.js'

const formatName = 'wasmsh-profile'
const formatVersion = 1

/** How often a guest came to a stable point. */
export interface PointVisits {
  readonly function: number
  readonly pc: number
  /** 1 or more; exact below 2^53. */
  readonly visits: number
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const schema = v.strictObject({
  format: v.literal(formatName),
  version: v.literal(formatVersion),
  module: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  visits: v.array(
    v.strictTuple([count, count, v.pipe(v.number(), v.safeInteger(), v.minValue(1))]),
  ),
})

/** The visits of the stable points of one run of a module, as `run --profile` has counted them. */
export class Profile {
  readonly #byFunction = new Map<number, Map<number, number>>()

  constructor(
    /** SHA-256 of the module, hex. */
    readonly module: string,
    /** Those that were visited at all, by function and pc. */
    readonly points: readonly PointVisits[],
  ) {
    for (const { function: index, pc, visits } of points) {
      const known = this.#byFunction.get(index) ?? new Map<number, number>()
      known.set(pc, visits)
      this.#byFunction.set(index, known)
    }
  }

  /** How often the guest came to the point of a function at a pc. */
  visitsOf(functionIndex: number, pc: number): number {
    return this.#byFunction.get(functionIndex)?.get(pc) ?? 0
  }

  /**
   * Refuses a profile of another module, or of points that the module does not have.
   *
   * @throws WasmshError ERR_WASMSH_PROFILE_MODULE, ERR_WASMSH_PROFILE_INVALID
   */
  requireFor(module: Module, table: StablePoints, file: string): void {
    if (this.module !== module.sha256) {
      throw new WasmshError(
        'ERR_WASMSH_PROFILE_MODULE',
        `${file} is a profile of another module than ${module.file}`,
        { resource: file },
      )
    }
    const stranger = this.points.find((one) => table.at(one.function, one.pc) === undefined)
    if (stranger === undefined) return
    throw invalid(file, `function ${stranger.function} has no stable point at ${stranger.pc}`)
  }
}

/** Formats a profile, a line a point. */
export function formatProfile({ module, points }: Profile): string {
  const head = JSON.stringify({ format: formatName, version: formatVersion, module }).slice(0, -1)
  const rows = points.map(({ function: index, pc, visits }) => `[${index},${pc},${visits}]`)
  return `${head},"visits":[\n${rows.join(',\n')}\n]}\n`
}

/**
 * Reads the file that `run --profile` has written.
 *
 * @throws WasmshError ERR_WASMSH_PROFILE_FILE, ERR_WASMSH_PROFILE_INVALID
 */
export async function readProfile(file: string): Promise<Profile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw fromSystem('ERR_WASMSH_PROFILE_FILE', `The profile ${file} cannot be read`, error, {
      resource: file,
    })
  }
  return parseProfile(text, file)
}

function parseProfile(text: string, file: string): Profile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid(file, 'it is no JSON')
  }
  const read = v.safeParse(schema, value)
  if (!read.success) throw invalid(file, versionOf(value) ?? 'its contents are none of ours')
  const { module, visits } = read.output
  return new Profile(
    module,
    visits.map(([index, pc, count]) => ({ function: index, pc, visits: count })),
  )
}

/** What stands against a profile of ours, but of another version. */
function versionOf(value: unknown): string | undefined {
  const { format, version } = (value ?? {}) as { readonly format?: unknown; version?: unknown }
  if (format !== formatName || version === formatVersion) return undefined
  return `it is of version ${JSON.stringify(version)}, not ${formatVersion}`
}

function invalid(file: string, why: string): WasmshError {
  return new WasmshError('ERR_WASMSH_PROFILE_INVALID', `${file} is no profile: ${why}`, {
    resource: file,
  })
}
