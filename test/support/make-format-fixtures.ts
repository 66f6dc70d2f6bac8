/**
 * Writes those fixtures of the present snapshot format that are not there:
 * `npx tsx test/support/make-format-fixtures.ts`. Files of a released format are never written again.
 */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatVersion } from '../../src/core/snapshot/manifest.js'
import { openShell } from '../../src/index.js'
import { formatGroup, formatPlugins, takeFormatGroup } from './format-group.js'
import { takeFormatSnapshots } from './format-guest.js'
import { temporaryDirectory } from './temporary-directory.js'

/** What a recovered guest prints when it reads "world", and how it ends. */
const expected: Readonly<Record<string, string>> = {
  start: 'hello world\nuninitialized element\n',
  deep: 'hello world\nuninitialized element\n',
  waiting: 'world\nuninitialized element\n',
  trapped: '\nuninitialized element\n',
}

const expectedOfGroup = `receiver: 4once5upon
{"kind":"ended","code":0}
sender: 
{"kind":"ended","code":0}
`

await using folder = await temporaryDirectory()
const fixtures = fileURLToPath(new URL('../fixtures/snapshots', import.meta.url))
await mkdir(fixtures, { recursive: true })
const shell = await openShell({ home: join(folder.path, 'store'), plugins: formatPlugins })

function fixture(name: string, extension: string): string {
  return join(fixtures, `${formatVersion}-${name}.${extension}`)
}

async function wasExported(name: string): Promise<boolean> {
  const file = fixture(name, 'wsnap')
  if (existsSync(file)) return false
  await shell.store.export(name, file)
  return true
}

for (const { name } of await takeFormatSnapshots(shell, join(folder.path, 'data'))) {
  if (await wasExported(name)) await writeFile(fixture(name, 'txt'), expected[name] ?? '')
}
const group = await takeFormatGroup(shell, join(folder.path, 'data'))
for (const { name } of group) {
  if (await wasExported(name)) await writeFile(fixture(formatGroup, 'txt'), expectedOfGroup)
}
await shell.close()
