import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exports as resolveExports } from 'resolve.exports'
import { fromSystem, WasmshError } from '../errors.js'
import type { PluginOrigin } from './plugin-origin.js'

/** What a plugin is found by, and from where. */
export interface PluginPlace {
  /** Name of an npm package, or path of a package's folder or of a module. */
  readonly name: string
  /** Packages are looked for from here on upwards, then where wasmsh is installed. */
  readonly directory: string
}

interface Package {
  readonly name?: unknown
  readonly version?: unknown
  readonly main?: unknown
  readonly exports?: unknown
}

/**
 * Finds the module of a plugin without running it.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_FILE
 */
export function findPlugin({ name, directory }: PluginPlace): PluginOrigin {
  if (name === '' || name.includes('\0')) {
    throw new WasmshError('ERR_WASMSH_PLUGIN_FILE', `"${name}" is no package and no path`)
  }
  if (isPath(name)) {
    const path = resolve(directory, name.replace(/^~(?=\/|$)/, homedir()))
    if (isFolder(path)) return inFolder(path)
    if (isFile(path)) return ofFile(path)
    throw new WasmshError('ERR_WASMSH_PLUGIN_FILE', `There is no plugin at ${path}`)
  }
  for (const start of [directory, fileURLToPath(new URL('.', import.meta.url))]) {
    for (const above of foldersAbove(resolve(start))) {
      const folder = join(above, 'node_modules', name)
      if (isFolder(folder)) return inFolder(folder)
    }
  }
  // "kv" may be meant as "./kv".
  const near = resolve(directory, name)
  const hint = isFolder(near) || isFile(near) ? `Did you mean "./${name}"?` : undefined
  throw new WasmshError(
    'ERR_WASMSH_PLUGIN_FILE',
    `There is no package "${name}" in ${directory} or above`,
    hint === undefined ? {} : { hint },
  )
}

function isPath(name: string): boolean {
  return /^(?:\.{0,2}\/|~\/|\.{1,2}$)/.test(name)
}

/** The plugin of a package: what its "exports" or "main" say. */
function inFolder(folder: string): PluginOrigin {
  const described = readPackage(folder)
  if (described === null) {
    throw new WasmshError('ERR_WASMSH_PLUGIN_FILE', `${folder} has no package.json`)
  }
  const file = resolve(folder, entryOf(described, folder))
  if (!file.startsWith(`${folder}${sep}`) || !isFile(file)) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_FILE',
      `The module that ${join(folder, 'package.json')} names is not there: ${file}`,
      { hint: 'Build the package first.' },
    )
  }
  return { kind: 'package', ...namesOf(described), file, folder }
}

/** The plugin in a file; the package around it gives name and version. */
function ofFile(file: string): PluginOrigin {
  for (const folder of foldersAbove(dirname(file))) {
    const described = readPackage(folder)
    if (described !== null) return { kind: 'file', ...namesOf(described), file, folder }
  }
  return { kind: 'file', package: null, version: null, file, folder: null }
}

function entryOf(described: Package, folder: string): string {
  try {
    const [entry] = resolveExports(described as never, '.') ?? []
    if (entry !== undefined) return entry
  } catch (error) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_FILE',
      `${join(folder, 'package.json')} exports no module to "import"`,
      { cause: error },
    )
  }
  return typeof described.main === 'string' ? described.main : 'index.js'
}

function namesOf({ name, version }: Package): Pick<PluginOrigin, 'package' | 'version'> {
  return {
    package: typeof name === 'string' ? name : null,
    version: typeof version === 'string' ? version : null,
  }
}

function readPackage(folder: string): Package | null {
  const file = join(folder, 'package.json')
  if (!isFile(file)) return null
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof parsed === 'object' && parsed !== null) return parsed
    throw new Error('it is no object')
  } catch (error) {
    throw fromSystem('ERR_WASMSH_PLUGIN_FILE', `${file} cannot be read`, error)
  }
}

function* foldersAbove(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at
    if (dirname(at) === at) return
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
