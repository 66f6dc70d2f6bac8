/** Holds docs/snapshot-format.md to what wasmsh writes, and every later wasmsh to what it wrote. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { loadNative } from '../../../src/core/native.js'
import type { SnapshotEntry } from '../../../src/core/snapshot/snapshot-entry.js'
import { openShell, type Shell } from '../../../src/index.js'
import {
  endOfGroup,
  formatGroup,
  formatPlugins,
  takeFormatGroup,
} from '../../support/format-group.js'
import { takeFormatSnapshots } from '../../support/format-guest.js'
import { readManifest, readMemory, readState } from '../../support/second-reader.js'
import { suite } from '../../support/suite.js'
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js'

const page = fileURLToPath(new URL('../../../docs/snapshot-format.md', import.meta.url))
const fixtures = fileURLToPath(new URL('../../fixtures/snapshots', import.meta.url))

interface Bench extends AsyncDisposable {
  readonly shell: Shell
  readonly folder: TemporaryDirectory
}

async function bench(): Promise<Bench> {
  const folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store'), plugins: formatPlugins })
  const dispose = async (): Promise<void> => {
    await shell.close()
    await folder[Symbol.asyncDispose]()
  }
  return { shell, folder, [Symbol.asyncDispose]: dispose }
}

/** Reads a stored snapshot with the second reader and compares all of it with the first. */
async function readTwice(shell: Shell, entry: SnapshotEntry): Promise<void> {
  const manifest = readManifest(entry.directory)
  assert.is(manifest.id, entry.id)
  const state = await readFile(join(entry.directory, manifest.state))
  const native = loadNative()
  const view = native.decodeState(state)
  assert.equal(readState(state), view)

  const threads = view.threads.map((thread) => ({ ...thread, frames: [] }))
  assert.equal(native.decodeOutside(state), { ...view, memories: [], instances: [], threads })
  const descriptors = view.descriptors.slice(1)
  const changed = native.withDescriptors(state, descriptors)
  assert.equal(native.decodeState(changed), { ...view, descriptors })
  for (const [number, memory] of manifest.memories.entries()) {
    const { images } = (await shell.store.read(entry.id)).memories[number] ?? { images: [] }
    const contents = readMemory(
      await readFile(join(entry.directory, memory.index)),
      await Promise.all(images.map((image) => readFile(image))),
      loadNative().xxh3,
    )
    assert.is(contents.length, memory.bytes)
    const ours = await shell.store.readMemory(entry.id, number, 0n, memory.bytes)
    assert.is(Buffer.compare(contents, ours), 0, `memory ${number}`)
  }
}

suite('docs/snapshot-format.md', (test) => {
  test('is enough to read all that wasmsh writes', async () => {
    await using b = await bench()

    const entries = await takeFormatSnapshots(b.shell, join(b.folder.path, 'data'))

    assert.is(entries.length, 4)
    assert.ok(entries.some(({ manifest }) => (manifest.memories[0]?.images.length ?? 0) > 1))
    for (const entry of entries) await readTwice(b.shell, entry)
  })

  test('is enough to read groups, and descriptors that plugins keep', async () => {
    await using b = await bench()

    const [receiver, sender] = await takeFormatGroup(b.shell, join(b.folder.path, 'data'))

    if (receiver === undefined || sender === undefined) throw new Error('a snapshot is missing')
    for (const entry of [receiver, sender]) await readTwice(b.shell, entry)
    assert.equal(sender.manifest.group, receiver.manifest.group)
    assert.is(sender.manifest.group?.members.length, 2)
    assert.is(sender.manifest.remarks?.length, 1)
    const kinds = (await b.shell.store.view(sender.id)).descriptors.map(({ kind }) => kind)
    assert.equal(kinds, ['stdin', 'resource', 'stderr', 'preopen', 'provided', 'file'])
  })

  test('lists the members of the manifest, no more and no less', async () => {
    await using b = await bench()
    const [entry] = await takeFormatSnapshots(b.shell, join(b.folder.path, 'data'))
    const written = [...Object.keys(readManifest(entry?.directory ?? '')), 'sha256']
    const [, section = ''] = /## manifest\.json(.*?)\n## /s.exec(await readFile(page, 'utf8')) ?? []
    const rows = [...section.matchAll(/^\| `(\w+)` \| (.*)/gm)]
    // What may be absent need not be in this one.
    const listed = rows.flatMap(([, name = '', text = '']) =>
      written.includes(name) || !/\bAbsent\b/.test(text) ? [name] : [],
    )

    assert.equal(listed.sort(), written.sort())
  })
})

suite('fixtures of released formats', (test) => {
  test('are recovered, and go on as they would have', async () => {
    const files = (await readdir(fixtures)).filter((file) => /^[\d.]+-[^.]+\.wsnap$/.test(file))
    assert.ok(files.length >= 4)
    for (const file of files) {
      await using b = await bench()
      const data = join(b.folder.path, 'data')
      await mkdir(data)
      const expected = await readFile(join(fixtures, file.replace('.wsnap', '.txt')), 'utf8')

      const entry = await b.shell.store.import(join(fixtures, file))
      await readTwice(b.shell, entry)
      const mapDirs = [{ guest: '/data', host: data }]
      const guest = await b.shell.recover(entry.name, { mapDirs })
      // The input of the trapped one has ended already.
      if (guest.stdin?.writable) guest.stdin.end('world')
      const printed = guest.stdout === null ? '' : text(guest.stdout)
      const outcome = await guest.wait()

      const end = outcome.kind === 'trapped' ? outcome.trap.reason : JSON.stringify(outcome)
      if (outcome.kind === 'trapped') await guest.kill()
      assert.is(`${await printed}\n${end}\n`, expected, file)
    }
  })

  test('are recovered as groups', async () => {
    const files = await readdir(fixtures)
    const groups = files.filter((file) => file.endsWith(`-${formatGroup}.txt`))
    assert.ok(groups.length >= 1)
    for (const group of groups) {
      await using b = await bench()
      const data = join(b.folder.path, 'data')
      await mkdir(data)
      const stem = group.replace('.txt', '.')
      for (const file of files.filter((one) => one.startsWith(stem) && one.endsWith('.wsnap'))) {
        await readTwice(b.shell, await b.shell.store.import(join(fixtures, file)))
      }
      const mapDirs = [{ guest: '/data', host: data }]
      const guests = await b.shell.recoverGroup(formatGroup, { mapDirs, paused: true })

      assert.is(await endOfGroup(guests), await readFile(join(fixtures, group), 'utf8'))
    }
  })
})
