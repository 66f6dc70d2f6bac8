import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from './temporary-directory.js'
import { compileWat } from './wat.js'

/** A folder with guests compiled from text, and one for a store. */
export interface GuestFolder extends AsyncDisposable {
  readonly path: string
  /** Folder for a store. */
  readonly home: string
  /** Path of a file in it. */
  file(name: string): string
}

/** Compiles guests into a temporary folder: `{ cat: copier }` gives cat.wasm. */
export async function guestFolder(guests: Readonly<Record<string, string>>): Promise<GuestFolder> {
  const folder = await temporaryDirectory()
  const file = (name: string) => join(folder.path, name)
  for (const [name, text] of Object.entries(guests)) {
    await writeFile(file(`${name}.wasm`), await compileWat(text))
  }
  return {
    path: folder.path,
    home: file('store'),
    file,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
