import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { inBuild } from './paths.mjs'

const stampPath = (name) => inBuild('stamps', name)

/**
 * True if the named part of set-up was last finished with exactly these inputs.
 *
 * @param {string} name
 * @param {string} inputs fingerprint of everything that the part is made from
 */
export function isStamped(name, inputs) {
  try {
    return readFileSync(stampPath(name), 'utf8') === inputs
  } catch {
    return false
  }
}

/** Notes that the part is finished. Written whole or not at all. */
export function writeStamp(name, inputs) {
  const path = stampPath(name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, inputs)
  renameSync(`${path}.new`, path)
}

/** Notes that the part is being made: until it is stamped again, it counts as unfinished. */
export function removeStamp(name) {
  rmSync(stampPath(name), { force: true })
}
