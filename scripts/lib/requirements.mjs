import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

const oldestNode = [20, 19]
const oldestCmake = [3, 18]
/** Edition 2024, which the crate of WAMR is written in. */
const oldestCargo = [1, 85]

/** @throws {SetupError} when this Node or this system cannot run wasmsh */
export function requirePlatform() {
  if (process.platform !== 'linux') {
    throw new SetupError(
      `wasmsh runs on Linux only so far, and this is ${process.platform}`,
      'docs/platforms.md says what runs where.',
    )
  }
  if (isOlder(versionOf(process.version), oldestNode)) {
    throw new SetupError(
      `wasmsh needs Node ${oldestNode.join('.')} or newer, and this is ${process.version}`,
      'Install a newer Node: https://nodejs.org/en/download',
    )
  }
}

/** @throws {SetupError} when cmake, a C or C++ compiler or a build tool is missing */
export async function requireBuildTools() {
  const cmake = await versionFrom('cmake')
  if (cmake === null || isOlder(cmake, oldestCmake)) {
    throw new SetupError(
      `building native code needs CMake ${oldestCmake.join('.')} or newer, and ${found('cmake', cmake)}`,
      'Install it, e.g. `apt install cmake`.',
    )
  }
  const compilers = [
    [process.env.CC ?? 'cc', 'C', 'gcc'],
    [process.env.CXX ?? 'c++', 'C++', 'g++'],
  ]
  for (const [command, language, debianPackage] of compilers) {
    const name = command.split(' ')[0] ?? command
    if ((await versionFrom(name)) === null) {
      throw new SetupError(
        `building native code needs a ${language} compiler, and ${name} is not installed`,
        `Install one, e.g. \`apt install ${debianPackage}\`, or name one in ${language === 'C' ? 'CC' : 'CXX'}.`,
      )
    }
  }
  if ((await versionFrom('ninja')) === null && (await versionFrom('make')) === null) {
    throw new SetupError(
      'building native code needs ninja or make, and neither is installed',
      'Install one, e.g. `apt install ninja-build`.',
    )
  }
}

/** @throws {SetupError} when cargo is missing or cannot read the crates */
export async function requireCargo() {
  const cargo = await versionFrom('cargo')
  if (cargo !== null && !isOlder(cargo, oldestCargo)) return
  throw new SetupError(
    `the sources of WAMR and libzstd are fetched with cargo ${oldestCargo.join('.')} or newer, and ${found('cargo', cargo)}`,
    'Install Rust (https://rustup.rs), or set WAMR_ROOT to a folder wasm-micro-runtime and ZSTD_ROOT to a folder zstd.',
  )
}

const found = (name, version) =>
  version === null ? `${name} is not installed` : `${name} is ${version.join('.')}`

async function versionFrom(command) {
  const { status, stdout } = await runCommand(command, ['--version'])
  return status === 0 ? versionOf(stdout) : null
}

const versionOf = (text) => (text.match(/(\d+)\.(\d+)/) ?? []).slice(1).map(Number)

const isOlder = ([major = 0, minor = 0], [wantedMajor, wantedMinor]) =>
  major < wantedMajor || (major === wantedMajor && minor < wantedMinor)
