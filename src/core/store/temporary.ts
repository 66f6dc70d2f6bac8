import { randomUUID } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorePaths } from '../paths.js'
import { listDirectory } from './durable-file.js'
import { formatIdentity, liveness, ownIdentity, parseIdentity } from './process-identity.js'

/** After that time, in milliseconds, leftovers of other machines and containers are removed. */
const foreignPatienceMs = 24 * 3600 * 1000

const needsSuffix = '.needs'
const markSuffix = '.group'

/** What a snapshot that is being written refers to, so that nobody removes it. */
export interface DraftNeeds {
  /** Digest. */
  readonly module: string
  /** As "ID/FILE". */
  readonly images: readonly string[]
}

/** A path for something that is being written; its name tells by which process. */
export function temporaryPath(paths: StorePaths, id: string = randomUUID()): string {
  return join(paths.temporary, `${formatIdentity(ownIdentity())}_${id}`)
}

/** The file beside a directory being written that says what it needs. */
export function needsPath(directory: string): string {
  return `${directory}${needsSuffix}`
}

/** A path for a mark, see group-mark.ts. */
export function markPath(paths: StorePaths): string {
  return `${temporaryPath(paths)}${markSuffix}`
}

/** Whether a name in the temporary folder is that of a mark. */
export function isMark(name: string): boolean {
  return name.endsWith(markSuffix)
}

/** What all drafts of living processes need. The caller holds the lock. */
export async function readNeeds(paths: StorePaths): Promise<readonly DraftNeeds[]> {
  const all: DraftNeeds[] = []
  for (const name of listDirectory(paths.temporary)) {
    if (!name.endsWith(needsSuffix) || (await isLeftover(paths, name))) continue
    try {
      all.push(JSON.parse(await readFile(join(paths.temporary, name), 'utf8')) as DraftNeeds)
    } catch {
      // Gone meanwhile, or cut short by the death of a process that we cannot see.
    }
  }
  return all
}

/** Removes what dead processes left, all but marks, which `finishMarks` removes; answers the names.
 *  The caller holds the lock. */
export async function cleanTemporary(paths: StorePaths): Promise<readonly string[]> {
  const removed = (await listLeftovers(paths)).filter((name) => !isMark(name))
  for (const name of removed)
    await rm(join(paths.temporary, name), { recursive: true, force: true })
  return removed
}

/** Names of what dead processes left. */
export async function listLeftovers(paths: StorePaths): Promise<readonly string[]> {
  const leftovers: string[] = []
  for (const name of listDirectory(paths.temporary)) {
    if (await isLeftover(paths, name)) leftovers.push(name)
  }
  return leftovers
}

/** Whether the process that wrote something there is dead. */
export async function isLeftover(paths: StorePaths, name: string): Promise<boolean> {
  const owner = parseIdentity(name.slice(0, name.lastIndexOf('_')))
  const state = owner === null ? 'unknown' : liveness(owner)
  if (state !== 'unknown') return state === 'dead'
  const status = await stat(join(paths.temporary, name)).catch(() => null)
  return status !== null && Date.now() - status.mtimeMs > foreignPatienceMs
}
