/**
 * Writes the fixtures of the present snapshot format: `npx tsx test/support/make-format-fixtures.ts`.
 * Run it for a new version of the format only: the files of a released one are never written again.
 */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatVersion } from '../../src/core/snapshot/manifest.js'
import { openShell } from '../../src/index.js'
import { takeFormatSnapshots } from './format-guest.js'
import { temporaryDirectory } from './temporary-directory.js'

/** What a recovered guest prints when it reads "world", and how it ends. */
const expected: Readonly<Record<string, string>> = {
  start: 'hello world\nuninitialized element\n',
  deep: 'hello world\nuninitialized element\n',
  waiting: 'world\nuninitialized element\n',
  trapped: '\nuninitialized element\n',
}

await using folder = await temporaryDirectory()
const fixtures = fileURLToPath(new URL('../fixtures/snapshots', import.meta.url))
await mkdir(fixtures, { recursive: true })
const shell = await openShell({ home: join(folder.path, 'store') })
for (const { name } of await takeFormatSnapshots(shell, join(folder.path, 'data'))) {
  const file = join(fixtures, `${formatVersion}-${name}`)
  if (existsSync(`${file}.wsnap`)) throw new Error(`${file}.wsnap is there already`)
  await shell.store.export(name, `${file}.wsnap`)
  await writeFile(`${file}.txt`, expected[name] ?? '')
}
await shell.close()
