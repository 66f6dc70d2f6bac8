import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { treeFingerprint } from './file-tree.mjs'
import { inBuild, inRoot } from './paths.mjs'
import { keepLog, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { isStamped, removeStamp, writeStamp } from './stamp.mjs'

/** Other CPUs that the engine is tested on, by emulation. */
export const crossCpus = ['aarch64', 'riscv64', 's390x']

const debianPackages = ['qemu-user', ...crossCpus.map((cpu) => `g++-${cpu}-linux-gnu`)]

const folderOf = (cpu) => inBuild('cross', cpu)
const hostOf = (cpu) => join(folderOf(cpu), 'wasmsh_host')
const stampName = (cpu) => `cross-${cpu}`

const inputs = () =>
  treeFingerprint([
    inRoot('native'),
    inRoot('scripts', 'lib', 'cross-build.mjs'),
    inBuild('stamps', 'source-wamr'),
    inBuild('stamps', 'source-zstd'),
  ])

/** Whether this machine can build for other CPUs and emulate them. */
export function hasCrossTools() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const has = (name) => folders.some((folder) => existsSync(join(folder, name)))
  return crossCpus.every((cpu) => has(`${cpu}-linux-gnu-g++`) && has(`qemu-${cpu}`))
}

/** Whether somebody has asked for them here before. */
export const wasCrossSetUp = () => crossCpus.every((cpu) => existsSync(hostOf(cpu)))

export const isCrossBuilt = () => {
  const fingerprint = inputs()
  return wasCrossSetUp() && crossCpus.every((cpu) => isStamped(stampName(cpu), fingerprint))
}

/**
 * Installs compilers and emulators where that is possible without asking anybody: as root on Debian
 * and its relatives.
 *
 * @throws {SetupError} elsewhere
 */
export async function installCrossTools() {
  const hint = `Install them, e.g. \`apt install ${debianPackages.join(' ')}\`.`
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      'tests on other CPUs need cross compilers and qemu, and only root can install them',
      hint,
    )
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await runCommand('apt-get', ['update'], { env })
  const { status, output } = await runCommand(
    'apt-get',
    ['install', '--yes', '--no-install-recommends', ...debianPackages],
    { env },
  )
  if (status === 0 && hasCrossTools()) return
  const tail = keepLog(inBuild('logs', 'cross-tools.log'), output, 5)
  throw new SetupError(
    `tests on other CPUs need cross compilers and qemu, which cannot be installed here:\n${tail}`,
    hint,
  )
}

/**
 * Builds the test host for every CPU, in build/cross/CPU.
 *
 * @param {(progress: string) => void} onProgress called with e.g. "s390x 12/90"
 * @throws {SetupError} when configuring, compiling or linking fails
 */
export async function buildCross(onProgress) {
  const fingerprint = inputs()
  for (const cpu of crossCpus) {
    if (isStamped(stampName(cpu), fingerprint) && existsSync(hostOf(cpu))) continue
    removeStamp(stampName(cpu))
    await configure(cpu)
    let last = ''
    const parallel = String(availableParallelism())
    await cmake(
      cpu,
      ['--build', folderOf(cpu), '--parallel', parallel, '--target', 'wasmsh_host'],
      (text) => {
        last = text.match(/\[\s*(\d+\/\d+|\d+%)\]/g)?.at(-1) ?? last
        onProgress(`${cpu} ${last.replace(/[[\]\s]/g, '')}`)
      },
    )
    writeStamp(stampName(cpu), fingerprint)
  }
}

const configure = (cpu) =>
  cmake(cpu, [
    '-S',
    inRoot('native'),
    '-B',
    folderOf(cpu),
    `-DCMAKE_TOOLCHAIN_FILE=${inRoot('native', 'cmake', 'cross.cmake')}`,
    `-DWASMSH_CPU=${cpu}`,
    '-DWASMSH_NODE=OFF',
    '-DWASMSH_HOST=ON',
    `-DWAMR_ROOT=${inBuild('wamr')}`,
    `-DZSTD_ROOT=${inBuild('zstd')}`,
  ])

async function cmake(cpu, args, onOutput) {
  const { status, output } = await runCommand('cmake', args, { onOutput })
  if (status === 0) return
  const log = inBuild('logs', `cross-${cpu}.log`)
  throw new SetupError(
    `the test host for ${cpu} does not build:\n${keepLog(log, output)}`,
    `The whole output is in ${log}. After a change of compiler or CMake, remove build/cross/ and try again.`,
  )
}
