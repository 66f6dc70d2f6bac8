import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Places where a native file that set-up has built may be, the likeliest first: this file is in
 *  src/core of a checkout, or in dist of a package. */
export function findBuilt(name: string): readonly string[] {
  const paths: string[] = []
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let level = 0; level < 4; level++) {
    paths.push(join(folder, 'build', 'Release', name))
    folder = dirname(folder)
  }
  return paths
}
