import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { contentDigest } from './file-tree.mjs'
import { inBuild, inRoot } from './paths.mjs'
import { requireCargo } from './requirements.mjs'
import { keepLog, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { isStamped, removeStamp, writeStamp } from './stamp.mjs'

/**
 * The folders of C sources that the native build takes, from native/wamr/sources.json.
 *
 * @returns {{ name: string, crate: string, folder: string, sha256: string, override: string,
 *   probe: string }[]}
 */
const readSources = () => JSON.parse(readFileSync(inRoot('native', 'wamr', 'sources.json'), 'utf8'))

/** The folder that the user wants in place of the crate's, if any. */
const overrideOf = (source) => {
  const folder = process.env[source.override] ?? ''
  return folder === '' ? undefined : resolve(folder)
}

/** What build/NAME was, or is to be, copied from. */
const origin = (source) => overrideOf(source) ?? source.sha256

const isCopied = (source) =>
  isStamped(`source-${source.name}`, origin(source)) && existsSync(inBuild(source.name))

/** True if build/ holds a checked copy of every source folder. */
export const areSourcesReady = () => readSources().every(isCopied)

/**
 * Makes a copy of each source folder under build/, since WAMR's CMake writes into its own tree.
 *
 * @throws {SetupError} when a crate cannot be fetched or is not the expected one
 */
export async function prepareSources() {
  const missing = readSources().filter((source) => !isCopied(source))
  let fetched = null
  for (const source of missing) {
    const override = overrideOf(source)
    if (override === undefined) fetched ??= await fetchCrates()
    const folder = override ?? join(fetched?.get(source.crate) ?? '', source.folder)
    if (!existsSync(join(folder, source.probe))) {
      throw new SetupError(
        `${override === undefined ? `crate ${source.crate}` : `${source.override}=${override}`} has no file ${source.probe}`,
        `Set ${source.override} to a folder that has one, or unset it to take the tested version.`,
      )
    }
    if (override === undefined) checkDigest(source, folder)
    copyWhole(folder, inBuild(source.name), source)
  }
}

/** Fetches the crates and returns where cargo put them, by crate name. */
async function fetchCrates() {
  await requireCargo()
  const folder = inBuild('crates')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of ['Cargo.toml', 'stubs']) {
    cpSync(inRoot('native', 'wamr', name), join(folder, name), { recursive: true })
  }
  const { status, stdout, output } = await runCommand('cargo', ['metadata', '--format-version=1'], {
    cwd: folder,
  })
  if (status !== 0) {
    const tail = keepLog(inBuild('logs', 'cargo.log'), output, 15)
    throw new SetupError(
      `cargo could not fetch the sources of WAMR and libzstd (status ${status}):\n${tail}`,
      'Check that cargo can reach its registry, then run the same command again.',
    )
  }
  return new Map(
    JSON.parse(stdout).packages.map((crate) => [crate.name, dirname(crate.manifest_path)]),
  )
}

function checkDigest(source, folder) {
  const actual = contentDigest(folder)
  if (actual === source.sha256) return
  throw new SetupError(
    `the sources in ${folder} are not the expected ones (SHA-256 ${actual}, not ${source.sha256})`,
    "Remove that crate from cargo's cache (~/.cargo/registry) and run the same command again.",
  )
}

/** Replaces `target` by a copy, so that it is never there in part. */
function copyWhole(folder, target, source) {
  const stamp = `source-${source.name}`
  removeStamp(stamp)
  rmSync(`${target}.new`, { recursive: true, force: true })
  cpSync(folder, `${target}.new`, { recursive: true, dereference: true })
  rmSync(target, { recursive: true, force: true })
  renameSync(`${target}.new`, target)
  writeStamp(stamp, origin(source))
}
