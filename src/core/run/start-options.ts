import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fromSystem, WasmshError } from '../errors.js'
import { toValueType } from '../guest/guest-inspect.js'
import type {
  Deterministic,
  DirectoryMapping,
  RunOptions,
  StartOptions,
} from '../guest/run-options.js'
import type { Module } from '../module.js'
import type { ModuleImport, NativeGuestOptions, NativeImport } from '../native.js'
import { didYouMean } from '../near.js'
import {
  importName,
  type PluginImport,
  signatureOf,
  spellType,
} from '../plugin-host/import-type.js'
import { type ManifestLimits, maxStackBytes, minStackBytes } from '../snapshot/manifest.js'
import { parseValue } from '../value/value.js'

const mebibyte = 1024 * 1024
const wasmPageBytes = 65536
const maxPages = 65536

/** Stack that a guest has when nothing is said; enough for CPython. Untouched pages cost nothing. */
export const defaultStackBytes = 8 * mebibyte

function refuse(message: string, hint: string): never {
  throw new WasmshError('ERR_WASMSH_OPTION_INVALID', message, { hint })
}

/** Options that run and recover hand on to native code in the same way; `kept` are the limits of a
 *  snapshot, which hold where the options say nothing. */
export function limits(
  options: StartOptions,
  kept: Partial<ManifestLimits> = {},
): Pick<NativeGuestOptions, 'stackBytes' | 'memoryLimitPages' | 'paused' | 'pauseAt' | 'counting'> {
  const { stackBytes = kept.stackBytes ?? defaultStackBytes, pauseAt = null } = options
  if (
    !Number.isSafeInteger(stackBytes) ||
    stackBytes < minStackBytes ||
    stackBytes > maxStackBytes
  ) {
    refuse(`A stack of ${stackBytes} bytes is not possible`, 'Give 4096 bytes to 1 GiB.')
  }
  const memoryBytes = options.memoryLimitBytes ?? kept.memoryBytes ?? maxPages * wasmPageBytes
  if (!(memoryBytes >= 0)) {
    refuse(`A memory limit of ${memoryBytes} bytes is not possible`, 'Give 0 bytes or more.')
  }
  if (pauseAt !== null && (pauseAt < 0n || pauseAt >= 2n ** 63n)) {
    refuse(`A guest cannot be paused at ${pauseAt}`, 'Positions are counted from 0.')
  }
  return {
    stackBytes,
    memoryLimitPages: Math.min(maxPages, Math.floor(memoryBytes / wasmPageBytes)),
    paused: options.paused ?? false,
    pauseAt,
    counting: options.counting ?? pauseAt !== null,
  }
}

/** The same limits as a snapshot keeps them. */
export function keptLimits({
  stackBytes,
  memoryLimitPages,
}: Pick<NativeGuestOptions, 'stackBytes' | 'memoryLimitPages'>): ManifestLimits {
  return { stackBytes, memoryBytes: memoryLimitPages * wasmPageBytes }
}

/** Checks that every host directory is there and gives their absolute paths.
 *  @throws WasmshError ERR_WASMSH_DIRECTORY_MISSING */
export async function resolveDirectories(
  dirs: readonly DirectoryMapping[],
): Promise<{ guestPath: string; hostPath: string }[]> {
  return await Promise.all(
    dirs.map(async ({ host, guest }) => {
      const hostPath = resolve(host)
      try {
        const status = await stat(hostPath)
        if (status.isDirectory()) return { guestPath: guest, hostPath }
      } catch (error) {
        const message = `The directory ${host} for the guest's ${guest} cannot be used`
        throw fromSystem('ERR_WASMSH_DIRECTORY_MISSING', message, error, { resource: host })
      }
      throw new WasmshError('ERR_WASMSH_DIRECTORY_MISSING', `${host} is not a directory`, {
        resource: host,
      })
    }),
  )
}

/** Finds the plugins' functions for a module's imports, and refuses a module that needs others,
 *  naming them with their types.
 *  @throws WasmshError ERR_WASMSH_IMPORT_UNKNOWN, ERR_WASMSH_IMPORT_TYPE */
export function resolveImports(
  module: Module,
  provided: ReadonlyMap<string, PluginImport>,
  allowMissing: boolean,
): readonly PluginImport[] {
  const found = new Map<string, PluginImport>()
  const missing = module.missingImports().filter((one) => {
    const plugin = one.kind === 'function' ? provided.get(importName(one)) : undefined
    if (plugin === undefined) return true
    requireType(module, one, plugin)
    found.set(importName(one), plugin)
    return false
  })
  if (!allowMissing && missing.length > 0) refuseImports(module, missing)
  return [...found.values()]
}

function requireType(module: Module, wanted: ModuleImport, plugin: PluginImport): void {
  const type = spellType(plugin)
  if (wanted.type === type) return
  throw new WasmshError(
    'ERR_WASMSH_IMPORT_TYPE',
    `${module.file} needs ${importName(wanted)} ${wanted.type}, plugin "${plugin.plugin}" provides it as ${type}`,
  )
}

function refuseImports(module: Module, missing: readonly ModuleImport[]): never {
  const shown = missing.slice(0, 8).map((one) => `${one.module}.${one.name} ${one.type}`)
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : ''
  const what = missing.length === 1 ? 'an import' : `${missing.length} imports`
  throw new WasmshError(
    'ERR_WASMSH_IMPORT_UNKNOWN',
    `${module.file} needs ${what} that wasmsh does not provide: ${shown.join(', ')}${more}`,
  )
}

/** The same as native code takes them; their shapes are behind the `shapes` of the log. */
export function nativeImports(
  imports: readonly PluginImport[],
  shapes: number,
): readonly NativeImport[] {
  return imports.map((one, index) => {
    const { module, name } = one
    return { module, name, signature: signatureOf(one), shape: shapes + index }
  })
}

/** The export to call, and its arguments by their bits.
 *  @throws WasmshError ERR_WASMSH_EXPORT_MISSING, ERR_WASMSH_OPTION_INVALID */
export function resolveEntry(
  module: Module,
  options: RunOptions,
): Pick<NativeGuestOptions, 'entry' | 'entryArguments'> {
  const entry = options.invoke ?? '_start'
  const functions = module.description.exports.filter(({ kind }) => kind === 'function')
  const found = functions.find(({ name }) => name === entry)
  if (found === undefined) {
    const names = functions.map(({ name }) => name)
    const list = names.slice(0, 12).map((name) => `"${name}"`)
    const otherwise =
      names.length === 0
        ? 'The module exports no function, so there is nothing to run.'
        : `Choose one with --invoke: ${list.join(', ')}${names.length > 12 ? ', ...' : ''}.`
    throw new WasmshError(
      'ERR_WASMSH_EXPORT_MISSING',
      `${module.file} exports no function "${entry}"`,
      { hint: options.invoke === undefined ? otherwise : didYouMean(entry, names, otherwise) },
    )
  }
  const { params } = module.function(found.index)
  const given = options.invokeArgs ?? []
  if (given.length !== params.length) {
    refuse(
      `"${entry}" takes ${params.length} arguments (${params.join(' ')}), ${given.length} were given`,
      'Give one value per parameter.',
    )
  }
  if (params.includes('v128')) {
    refuse(`"${entry}" takes a v128, which cannot be given`, 'Choose another export.')
  }
  const entryArguments = params.map((type, index) =>
    parseValue(toValueType(type), given[index] ?? ''),
  )
  return { entry, entryArguments }
}

/** Formats the environment as the guest reads it.
 *  @throws WasmshError ERR_WASMSH_OPTION_INVALID */
export function environmentList(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).map(([name, value]) => {
    if (name === '' || name.includes('=') || `${name}${value}`.includes('\0')) {
      refuse(`"${name}" cannot be the name of an environment variable`, 'Give NAME=VALUE.')
    }
    return `${name}=${value}`
  })
}

/** Refuses arguments that cannot be passed on: they end at a NUL. */
export function requireArguments(args: readonly string[]): readonly string[] {
  if (args.some((one) => one.includes('\0'))) {
    refuse('An argument contains a NUL character', 'Leave it out: arguments end there.')
  }
  return args
}

/** Defaults of a deterministic run: seed 0, real time 0, a microsecond per clock call. */
export function deterministic(
  option: boolean | Deterministic | undefined,
): NativeGuestOptions['deterministic'] {
  if (option === undefined || option === false) return null
  const { seed = 0n, clockNs = 0n, stepNs = 1000n } = option === true ? {} : option
  for (const value of [seed, clockNs, stepNs]) {
    if (value < 0n || value >= 2n ** 64n) {
      refuse(`${value} is out of range`, 'Seed, clock and step are 64-bit numbers of 0 or more.')
    }
  }
  return { seed, realtimeNs: clockNs, stepNs }
}
