import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'

/** Writes what `make` makes, unless the file exists. Several processes may do so at once: a file is
 *  there whole or not at all. */
export async function writeOnce(file: string, make: () => Promise<Uint8Array>): Promise<void> {
  if (existsSync(file)) return
  const temporary = `${file}.${process.pid}`
  await writeFile(temporary, await make())
  await rename(temporary, file)
}
