import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { cmakeProgress } from './cmake-progress.mjs'
import { treeFingerprint } from './file-tree.mjs'
import { inBuild, inRoot } from './paths.mjs'
import { keepLog, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { isStamped, removeStamp, writeStamp } from './stamp.mjs'

const cmakeFolder = inBuild('native')
/** Where src/core/native.ts looks for it. */
const addonPath = inBuild('Release', 'wasmsh.node')

/** The CMake targets that set-up makes: for wasmsh itself, and for its tests. */
export const nativeTargets = { addon: 'wasmsh', tests: 'wasmsh_tests' }

const stampName = (target) => `native-${target}`

/** Sources of ours, and the stamps of those that were copied to build/. */
const inputs = (target) =>
  treeFingerprint([
    ...readdirSync(inRoot('native'))
      .filter((name) => name !== 'test' || target === nativeTargets.tests)
      .map((name) => inRoot('native', name)),
    inRoot('scripts', 'lib', 'native-build.mjs'),
    inBuild('stamps', 'source-wamr'),
    inBuild('stamps', 'source-zstd'),
  ])

/** @param {string} target one of nativeTargets */
export const isNativeBuilt = (target) =>
  isStamped(stampName(target), inputs(target)) &&
  (target !== nativeTargets.addon || existsSync(addonPath))

/**
 * Builds a target by cmake-js, in build/native, and puts wasmsh.node into build/Release.
 *
 * @param {string} target one of nativeTargets
 * @param {(progress: string) => void} onProgress called with e.g. "12/90"
 * @throws {SetupError} when configuring, compiling or linking fails
 */
export async function buildNative(target, onProgress) {
  const fingerprint = inputs(target)
  removeStamp(stampName(target))
  await configure()
  const parallel = String(availableParallelism())
  await cmakeJs(['build', '--target', target, '--parallel', parallel], cmakeProgress(onProgress))
  if (target === nativeTargets.addon) install()
  writeStamp(stampName(target), fingerprint)
}

/** A cache that another CMake, generator or folder left behind is not worth repairing. */
async function configure() {
  const hadCache = existsSync(join(cmakeFolder, 'CMakeCache.txt'))
  try {
    await cmakeJs(['configure'])
  } catch (error) {
    if (!hadCache) throw error
    rmSync(cmakeFolder, { recursive: true, force: true })
    await cmakeJs(['configure'])
  }
}

async function cmakeJs(args, onOutput) {
  const packagePath = createRequire(inRoot('package.json')).resolve('cmake-js/package.json')
  const { status, output } = await runCommand(
    process.execPath,
    [
      join(dirname(packagePath), 'bin', 'cmake-js'),
      ...args,
      '--directory',
      inRoot('native'),
      '--out',
      cmakeFolder,
      `--CDWAMR_ROOT=${inBuild('wamr')}`,
      `--CDZSTD_ROOT=${inBuild('zstd')}`,
      '--CDWASMSH_TESTS=ON',
    ],
    { onOutput },
  )
  if (status === 0) return
  const log = inBuild('logs', 'native.log')
  const tail = keepLog(log, output)
  throw new SetupError(
    `the native code does not build (cmake-js ${args[0]}, status ${status}):\n${tail}`,
    `The whole output is in ${log}. After a change of compiler or CMake, remove build/ and try again.`,
  )
}

/** Renamed into place: a wasmsh that runs keeps the file that it has loaded. */
function install() {
  mkdirSync(dirname(addonPath), { recursive: true })
  copyFileSync(join(cmakeFolder, 'Release', 'wasmsh.node'), `${addonPath}.new`)
  renameSync(`${addonPath}.new`, addonPath)
}
