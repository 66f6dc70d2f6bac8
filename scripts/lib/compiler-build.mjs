import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { cmakeProgress } from './cmake-progress.mjs'
import { installDebianPackages, isOnPath } from './debian-packages.mjs'
import { treeFingerprint } from './file-tree.mjs'
import { inBuild, inRoot } from './paths.mjs'
import { keepLog, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { isStamped, removeStamp, writeStamp } from './stamp.mjs'

const cmakeFolder = inBuild('compiler')
/** Where src/core/aot/ looks for it. */
const programPath = inBuild('Release', 'wasmsh-compiler')
const stampName = 'compiler'
const debianPackages = ['llvm-19-dev', 'libzstd-dev', 'zlib1g-dev', 'libmimalloc-dev']

const inputs = () =>
  treeFingerprint([
    inRoot('native', 'compiler'),
    inRoot('native', 'status.h'),
    inRoot('scripts', 'lib', 'compiler-build.mjs'),
    inBuild('stamps', 'source-wamr'),
  ])

/** Whether this machine has what the compiler of wasmsh is built with. */
export const hasLlvm = () => isOnPath('llvm-config-19')

export const isCompilerBuilt = () => isStamped(stampName, inputs()) && existsSync(programPath)

/** @throws {SetupError} where LLVM cannot be installed without asking anybody */
export const installLlvm = () =>
  installDebianPackages(debianPackages, {
    need: 'the compiler needs LLVM 19',
    tools: 'it',
    hint: `Install LLVM 19 with its headers, e.g. \`apt install ${debianPackages.join(' ')}\`.`,
    log: 'llvm.log',
    isThere: hasLlvm,
  })

/**
 * Builds wasmsh-compiler in build/compiler, and puts it into build/Release.
 *
 * @param {(progress: string) => void} onProgress called with e.g. "12/90"
 * @throws {SetupError} when configuring, compiling or linking fails
 */
export async function buildCompiler(onProgress) {
  const fingerprint = inputs()
  removeStamp(stampName)
  const source = inRoot('native', 'compiler')
  await cmake(['-S', source, '-B', cmakeFolder, `-DWAMR_ROOT=${inBuild('wamr')}`])
  const parallel = String(availableParallelism())
  await cmake(['--build', cmakeFolder, '--parallel', parallel], cmakeProgress(onProgress))
  mkdirSync(dirname(programPath), { recursive: true })
  copyFileSync(join(cmakeFolder, 'wasmsh-compiler'), `${programPath}.new`)
  renameSync(`${programPath}.new`, programPath)
  writeStamp(stampName, fingerprint)
}

async function cmake(args, onOutput) {
  const { status, output } = await runCommand('cmake', args, { onOutput })
  if (status === 0) return
  const log = inBuild('logs', 'compiler.log')
  throw new SetupError(
    `the compiler does not build (cmake, status ${status}):\n${keepLog(log, output)}`,
    `The whole output is in ${log}. Everything but compiled code works without it.`,
  )
}
