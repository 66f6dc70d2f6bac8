import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromSystem, WasmshError } from '../core/errors.js'
import { productVersion } from '../core/version.js'
import type { Page } from './page.js'
import { printable } from './text.js'

/** What `plugin new` has written. */
export interface NewPackage {
  readonly class: string
  readonly package: string
  readonly folder: string
  readonly files: readonly string[]
}

const classPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/**
 * Writes a package with a plugin that works into a folder that is not there, or empty.
 *
 * @param name of the plugin's class, or a path whose last part is that
 * @throws WasmshError ERR_WASMSH_PLUGIN_NAME, ERR_WASMSH_PLUGIN_FOLDER
 */
export async function createPackage(name: string): Promise<NewPackage> {
  const folder = resolve(name)
  const className = basename(folder)
  if (!classPattern.test(className)) {
    throw new WasmshError('ERR_WASMSH_PLUGIN_NAME', `"${className}" cannot be the name of a plugin`)
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new WasmshError('ERR_WASMSH_PLUGIN_FOLDER', `${folder} is not empty`)
  }
  const templates = templateFolder()
  const names = {
    CLASS: className,
    FUNCTION: className.replaceAll('-', '_'),
    TITLE: className.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    VERSION: productVersion(),
  }
  const files = readdirSync(templates, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.\w+$/.test(file),
  )
  try {
    for (const file of files) {
      const text = await readFile(join(templates, file), 'utf8')
      const target = join(folder, file)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, fill(text, names), { flag: 'wx' })
    }
  } catch (error) {
    throw fromSystem('ERR_WASMSH_PLUGIN_FOLDER', `${folder} cannot be written`, error)
  }
  return { class: className, package: `wasmsh-plugin-${className}`, folder, files: files.sort() }
}

/** Beside dist/ in a package, beside src/ in a checkout. */
function templateFolder(): string {
  for (const up of ['..', '../..']) {
    const folder = fileURLToPath(new URL(`${up}/templates/plugin`, import.meta.url))
    if (existsSync(folder)) return folder
  }
  throw new WasmshError('ERR_WASMSH_INTERNAL', 'The template of plugins is missing')
}

function fill(text: string, names: Readonly<Record<string, string>>): string {
  return text.replaceAll(/__([A-Z]+)__/g, (whole, name: string) => names[name] ?? whole)
}

export function renderCreated({ class: name, folder, files }: NewPackage, { theme }: Page): string {
  const lines = files.map((file) => `  ${printable(file)}`)
  return [
    `Wrote plugin ${theme.command(name)} into ${printable(folder)}:`,
    ...lines,
    `Try it: ${theme.command(`wasmsh plugin test ${printable(folder)}`)}`,
  ].join('\n')
}
