import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorePaths } from '../paths.js'
import {
  createFile,
  listDirectory,
  makeDirectory,
  removeFile,
  replaceFile,
  syncDirectory,
} from './durable-file.js'
import { isLeftover, isMark, markPath, temporaryPath } from './temporary.js'

/** How often the snapshots are listed again while others change them. */
const maxLooks = 100

/**
 * Several snapshots come and go as one: as long as a mark names them, nobody sees any of them. It is
 * written before the first becomes visible or is removed, and its end is the one step that counts.
 * When its process has died, all of them are removed: half a group is none.
 *
 * @returns path of the mark
 */
export async function writeMark(
  paths: StorePaths,
  ids: readonly string[],
  sync: boolean,
): Promise<string> {
  makeDirectory(paths.temporary)
  const mark = markPath(paths)
  try {
    await createFile(mark, JSON.stringify(ids), { sync })
    if (sync) await syncDirectory(paths.temporary)
  } catch (error) {
    await rm(mark, { force: true })
    throw error
  }
  return mark
}

/** Shows what a mark names and hides something else instead, in one step. */
export async function changeMark(
  paths: StorePaths,
  mark: string,
  ids: readonly string[],
  sync: boolean,
): Promise<void> {
  await replaceFile(mark, JSON.stringify(ids), temporaryPath(paths), { sync })
}

/** Shows what is left of what a mark names. */
export async function removeMark(paths: StorePaths, mark: string, sync: boolean): Promise<void> {
  removeFile(mark)
  if (sync) await syncDirectory(paths.temporary)
}

/** Marks of dead processes, and what they name. */
export async function deadMarks(
  paths: StorePaths,
): Promise<readonly { readonly name: string; readonly ids: readonly string[] }[]> {
  const found: { name: string; ids: readonly string[] }[] = []
  for (const name of listDirectory(paths.temporary).filter(isMark)) {
    if (!(await isLeftover(paths, name))) continue
    found.push({ name, ids: readMark(join(paths.temporary, name)) })
  }
  return found
}

/**
 * Names in the folder of snapshots that no mark hides. Needs no lock: a group may come or go between
 * two looks, but when they agree, what was looked up between them holds for both.
 */
export function visibleSnapshots(paths: StorePaths): readonly string[] {
  let before = listDirectory(paths.snapshots)
  for (let look = 0; ; look++) {
    const hidden = hiddenSnapshots(paths)
    const after = listDirectory(paths.snapshots)
    if (isSame(before, after) || look === maxLooks) return after.filter((id) => !hidden.has(id))
    before = after
  }
}

function hiddenSnapshots(paths: StorePaths): ReadonlySet<string> {
  const marks = listDirectory(paths.temporary).filter(isMark)
  return new Set(marks.flatMap((name) => readMark(join(paths.temporary, name))))
}

/** A mark that is gone, or not yet written to its end, hides nothing. */
function readMark(mark: string): readonly string[] {
  try {
    const ids: unknown = JSON.parse(readFileSync(mark, 'utf8'))
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  const known = new Set(a)
  return b.every((name) => known.has(name))
}
