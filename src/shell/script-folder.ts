import { dirname, resolve } from 'node:path'

/** Folder of a script, for `__dirname`; the working directory without one. */
export function folderOf(file: string | null): string {
  return file === null ? process.cwd() : dirname(resolve(file))
}
