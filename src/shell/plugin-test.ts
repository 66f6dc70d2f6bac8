import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { WasmshError } from '../core/errors.js'
import { checkPlugin, type LawReport, type LawResult } from '../core/plugin-laws/check-plugin.js'
import type { PluginSamples } from '../core/plugin-laws/samples.js'
import { findPlugin } from '../core/plugin-package/find-plugin.js'
import { importModule, loadPlugin } from '../core/plugin-package/load-plugin.js'
import type { PluginOrigin } from '../core/plugin-package/plugin-origin.js'
import type { Page } from './page.js'
import { count, printable } from './text.js'

/** How a package keeps to the laws of plugins. */
export interface TestReport extends LawReport {
  readonly package: string | null
  readonly version: string | null
  readonly file: string | null
  /** Module with the samples; null without. */
  readonly samples: string | null
}

/** Where samples are looked for when package.json names no module. */
const usualSamples = ['samples.js', 'test/samples.js']

/** Packages that were tested in this process: their code may have changed since. */
const tested = new Set<string>()

/** Holds the plugin of a package to the laws, with the samples that the package declares.
 *  @throws WasmshError for a package, plugin or samples that cannot be loaded */
export async function testPackage(
  name: string,
  onResult?: (result: LawResult) => void,
): Promise<TestReport> {
  // A folder that is there goes first: "plugin test kv" behind "plugin new kv".
  const path = existsSync(resolve(name)) ? resolve(name) : name
  const origin = findPlugin({ name: path, directory: process.cwd() })
  const fresh = tested.has(origin.file ?? '')
  tested.add(origin.file ?? '')
  const plugin = await loadPlugin(origin, { fresh })
  const file = samplesOf(origin)
  const samples = file === null ? { scenes: [] } : await loadSamples(file, fresh)
  const report = await checkPlugin(plugin, samples, onResult === undefined ? {} : { onResult })
  const { package: packageName, version } = origin
  return { package: packageName, version, file: origin.file, samples: file, ...report }
}

function samplesOf({ folder }: PluginOrigin): string | null {
  if (folder === null) return null
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  const named = (JSON.parse(text) as { wasmsh?: { samples?: unknown } }).wasmsh?.samples
  if (typeof named === 'string') {
    const file = join(folder, named)
    if (existsSync(file)) return file
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_FILE',
      `${join(folder, 'package.json')} names samples that are not there: ${named}`,
    )
  }
  return usualSamples.map((one) => join(folder, one)).find((one) => existsSync(one)) ?? null
}

async function loadSamples(file: string, fresh: boolean): Promise<PluginSamples> {
  const exported = await importModule(file, fresh)
  const found = (exported['default'] ?? exported['samples']) as PluginSamples | undefined
  const isWhole =
    Array.isArray(found?.scenes) &&
    found.scenes.every(({ name }) => typeof name === 'string' && name !== '') &&
    (found.stored === undefined || Array.isArray(found.stored))
  if (isWhole) return found
  throw new WasmshError('ERR_WASMSH_PLUGIN_INVALID', `${file} exports no samples`, {
    hint: 'Export { scenes: [{ name, ... }] } as default; docs/plugins.md has an example.',
  })
}

/** A line a law; of a broken one also where and how. */
export function renderReport(report: TestReport, { theme }: Page): string {
  const names = [...new Set(report.results.map(({ law }) => law))]
  const width = Math.max(...names.map((name) => name.length))
  const lines = names.flatMap((law) => {
    const results = report.results.filter((one) => one.law === law)
    const failed = results.filter(({ status }) => status === 'failed')
    const isSkipped = results.every(({ status }) => status === 'skipped')
    const mark =
      failed.length > 0 ? theme.error('FAIL') : isSkipped ? theme.quiet('-   ') : theme.good('ok  ')
    const statement = results[0]?.statement ?? ''
    return [
      `${mark}  ${law.padEnd(width)}  ${isSkipped ? theme.quiet(statement) : statement}`,
      ...failed.map(({ scene, message }) => {
        const where = scene === null ? '' : `in "${printable(scene)}": `
        return `      ${theme.hint(where)}${printable(message)}`
      }),
    ]
  })
  if (report.samples === null) {
    lines.push(
      theme.hint(
        'hint: declare samples in samples.js, or name them in package.json: "wasmsh": { "samples": "./FILE.js" }',
      ),
    )
  }
  const { passed, failed, skipped } = report
  const total = `${passed} passed, ${failed} failed, ${skipped} say nothing about it`
  const about = `${report.plugin}, state ${report.stateVersion}, ${count(report.scenes, 'scene')}`
  return [
    ...lines,
    '',
    `${printable(about)}: ${failed === 0 ? theme.good(total) : theme.error(total)}`,
  ].join('\n')
}
