import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Folder of the checkout: the working directory of every wasmsh that a test starts. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url))

function modified(file: string): number {
  return statSync(`${checkout}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/**
 * Arguments of node that start wasmsh: the built program when it is newer than every source, as it
 * is after `npm run setup`, else the sources themselves, which takes a second longer each time.
 */
export function cliCommand(): readonly string[] {
  const built = modified('dist/cli.js')
  const sources = readdirSync(`${checkout}src`, { recursive: true, encoding: 'utf8' })
  const isFresh = sources.every((file) => modified(`src/${file}`) < built)
  return isFresh ? ['dist/cli.js'] : ['--import', 'tsx', 'src/cli.ts']
}
