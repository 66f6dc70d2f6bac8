import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { collectImages, finishMarks } from './forget.js'
import type { StoreContext } from './store-context.js'
import type { GcReport } from './store-options.js'
import { cleanTemporary, listLeftovers, readNeeds } from './temporary.js'

/** Removes what no snapshot needs. While a snapshot cannot be read nobody knows what it needs, so
 *  modules and kept images then stay. */
export async function collectGarbage(context: StoreContext): Promise<GcReport> {
  return context.lock.run(async () => {
    let bytes = 0
    for (const name of await listLeftovers(context.paths)) {
      bytes += (await stat(join(context.paths.temporary, name)).catch(() => null))?.size ?? 0
    }
    const marks = await finishMarks(context)
    const temporary = [...marks, ...(await cleanTemporary(context.paths))]
    const collected = await collectImages(context)
    const modules = await unneededModules(context)
    for (const digest of modules) bytes += await context.modules.remove(digest)
    await context.catalogue.refresh()
    return { modules, images: collected.images, temporary, bytes: bytes + collected.bytes }
  })
}

/** Digests of modules that neither a snapshot nor a draft names; none while it is not known. */
export async function unneededModules(context: StoreContext): Promise<readonly string[]> {
  const { records, unreadable } = await context.catalogue.read()
  if (unreadable.length > 0) return []
  const drafts = await readNeeds(context.paths)
  const needed = new Set([
    ...records.map((record) => record.module.sha256),
    ...drafts.map((draft) => draft.module),
  ])
  return (await context.modules.list()).filter((digest) => !needed.has(digest))
}
