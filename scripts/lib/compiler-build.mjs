import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
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
export function hasLlvm() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, 'llvm-config-19')))
}

export const isCompilerBuilt = () => isStamped(stampName, inputs()) && existsSync(programPath)

/**
 * Installs LLVM where that is possible without asking anybody: as root on Debian and its relatives.
 *
 * @throws {SetupError} elsewhere
 */
export async function installLlvm() {
  const hint = `Install LLVM 19 with its headers, e.g. \`apt install ${debianPackages.join(' ')}\`.`
  if (process.getuid?.() !== 0) {
    throw new SetupError('the compiler needs LLVM 19, and only root can install it', hint)
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await runCommand('apt-get', ['update'], { env })
  const { status, output } = await runCommand(
    'apt-get',
    ['install', '--yes', '--no-install-recommends', ...debianPackages],
    { env },
  )
  if (status === 0 && hasLlvm()) return
  const tail = keepLog(inBuild('logs', 'llvm.log'), output, 5)
  throw new SetupError(`the compiler needs LLVM 19, which cannot be installed here:\n${tail}`, hint)
}

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
  let last = ''
  await cmake(['--build', cmakeFolder, '--parallel', String(availableParallelism())], (text) => {
    last = text.match(/\[\s*(\d+\/\d+|\d+%)\]/g)?.at(-1) ?? last
    onProgress(last.replace(/[[\]\s]/g, ''))
  })
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
