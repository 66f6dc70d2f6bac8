import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { cmakeProgress } from './cmake-progress.mjs'
import { installDebianPackages, isOnPath } from './debian-packages.mjs'
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
  return crossCpus.every((cpu) => isOnPath(`${cpu}-linux-gnu-g++`) && isOnPath(`qemu-${cpu}`))
}

/** Whether somebody has asked for them here before. */
export const wasCrossSetUp = () => crossCpus.every((cpu) => existsSync(hostOf(cpu)))

export const isCrossBuilt = () => {
  const fingerprint = inputs()
  return wasCrossSetUp() && crossCpus.every((cpu) => isStamped(stampName(cpu), fingerprint))
}

/** @throws {SetupError} where compilers and emulators cannot be installed without asking anybody */
export const installCrossTools = () =>
  installDebianPackages(debianPackages, {
    need: 'tests on other CPUs need cross compilers and qemu',
    tools: 'them',
    hint: `Install them, e.g. \`apt install ${debianPackages.join(' ')}\`.`,
    log: 'cross-tools.log',
    isThere: hasCrossTools,
  })

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
    const parallel = String(availableParallelism())
    await cmake(
      cpu,
      ['--build', folderOf(cpu), '--parallel', parallel, '--target', 'wasmsh_host'],
      cmakeProgress((progress) => onProgress(`${cpu} ${progress}`)),
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
