import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type tar from 'tar-stream'
import * as assert from 'uvu/assert'
import { WasmshError } from '../../../src/core/errors.js'
import { storePaths } from '../../../src/core/paths.js'
import { listDirectory } from '../../../src/core/store/durable-file.js'
import type { Store } from '../../../src/core/store/store.js'
import {
  blockBytes,
  compress,
  decompress,
  headersOf,
  membersOf,
  pack,
  sealHeader,
  twoStores,
} from '../../support/archive-fixture.js'
import { moduleDigest, openStore, take } from '../../support/store-fixture.js'
import { suite } from '../../support/suite.js'
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'

async function pagesOf(store: Store, name: string): Promise<readonly number[]> {
  const memory = await store.readMemory(name, 0, 0n, 4 * 65536)
  return Array.from({ length: 64 }, (_, page) => memory[page * 4096] ?? -1)
}

suite('Store.export and import', (test) => {
  test('carry a snapshot with all that it needs into another store', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, third, file } = await twoStores(folder)

    const size = await from.export('third', file)
    const entry = await to.import(file)

    assert.is(size, (await stat(file)).size)
    assert.is(entry.id, third.id)
    assert.is(entry.manifest.memories[0]?.images.length, 1, 'the chain became one image')
    assert.equal(await pagesOf(to, 'third'), await pagesOf(from, 'third'))
    assert.equal((await to.diff('third', 'third')).same, true)
    assert.equal(await to.readModule(moduleDigest), await from.readModule(moduleDigest))
    assert.equal((await to.check()).problems, [])
    const image = join(entry.directory, 'memory-0.img')
    assert.is((await stat(image)).mode & 0o777, 0o400)
    assert.ok((await stat(image)).blocks * 512 < 8 * 4096, 'holes are holes again')
  })

  test('leave host paths behind', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    assert.is((await from.read('third')).bindings.length, 1)

    await from.export('third', file)
    await to.import(file)

    assert.equal((await to.read('third')).bindings, [])
  })

  test('leave the module out when told to', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)

    await from.export('third', file, { module: false })
    await to.import(file)

    await rejectsCode('ERR_WASMSH_MODULE_MISSING', () => to.readModule(moduleDigest))
    const codes = (await to.check()).problems.map(({ code }) => code)
    assert.equal(codes, ['ERR_WASMSH_MODULE_MISSING'])
  })

  test('refuse to replace files, names and snapshots', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    await from.export('third', file)
    await rejectsCode('ERR_WASMSH_ARCHIVE_EXISTS', () => from.export('third', file))
    await from.export('third', file, { force: true })

    await to.import(file, { name: 'mine' })
    await rejectsCode('ERR_WASMSH_SNAPSHOT_EXISTS', () => to.import(file, { name: 'again' }))
    await to.forget('mine')
    await take(to, { name: 'third' })
    await rejectsCode('ERR_WASMSH_SNAPSHOT_EXISTS', () => to.import(file))
    assert.is((await to.import(file, { name: 'mine' })).name, 'mine')
    assert.equal((await readdir(folder.path)).sort(), ['from', 'third.wsnap', 'to'])
  })
}, 60_000)

suite('imported snapshots', (test) => {
  test('leave the pages alone that others need of the same id', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, third, file } = await twoStores(folder)
    await from.export('third', file)
    await to.import(file)
    const child = await take(to, { memoryBytes: 4 * 65536, base: third.id, name: 'child' })
    const before = await pagesOf(to, 'child')
    await to.forget('third')

    await to.import(file)
    await to.forget('third')

    assert.equal(await pagesOf(to, child.name), before)
    assert.equal((await to.check()).problems, [])
  })

  test('report progress in bytes', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    const seen: number[] = []
    const onProgress = (progress: { doneBytes: number; totalBytes: number }) => {
      assert.ok(progress.doneBytes <= progress.totalBytes)
      seen.push(progress.doneBytes)
    }

    await from.export('third', file, { onProgress })
    await to.import(file, { onProgress })

    assert.ok(seen.length >= 2)
    assert.is(seen.at(-1), (await stat(file)).size)
  })
}, 60_000)

suite('a .wsnap file', (test) => {
  const title = 'can be unpacked and packed by tar and zstd, holes included'
  if (!has('tar') || !has('zstd')) {
    test.skip(title, 'tar or zstd is not installed')
    return
  }
  test(title, async () => {
    await using folder = await temporaryDirectory()
    const { from, file } = await twoStores(folder)
    await from.export('third', file)
    const out = join(folder.path, 'out')
    await mkdir(out)

    execFileSync('tar', ['--zstd', '-xf', file, '-C', out])

    assert.equal((await readdir(out)).sort(), [
      'manifest.json',
      'memory-0.idx',
      'memory-0.img',
      'module.wasm',
      'state.bin',
    ])
    const image = await readFile(join(out, 'memory-0.img'))
    assert.equal(image, Buffer.from(await from.readMemory('third', 0, 0n, 4 * 65536)))

    const again = join(folder.path, 'again.wsnap')
    const files = ['manifest.json', 'memory-0.idx', './memory-0.img', 'module.wasm', 'state.bin']
    execFileSync('tar', ['--zstd', '--sparse', '--format=pax', '-cf', again, '-C', out, ...files])
    const to = openStore(join(folder.path, 'to'))
    await to.import(again)
    assert.equal(await pagesOf(to, 'third'), await pagesOf(from, 'third'))
  })
}, 60_000)

suite('an archive of a stranger', (test) => {
  test('is refused, or means the same, when a bit is flipped', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, third, file } = await twoStores(folder)
    await from.export('third', file, { module: false })
    const good = await readFile(file)
    const pages = await pagesOf(from, 'third')
    let accepted = 0

    for (let at = 0; at < good.length; at += 3) {
      const changed = Uint8Array.from(good)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      await writeFile(file, changed)
      try {
        const entry = await to.import(file)
        accepted++
        assert.equal(entry.manifest.files['state.bin'], third.manifest.files['state.bin'])
        assert.equal(await pagesOf(to, 'third'), pages, `byte ${at}`)
        await to.forget('third')
      } catch (error) {
        assert.ok(error instanceof WasmshError && error.kind === 'user', String(error))
      }
    }

    // Some bits of zstd's frame header stand for nothing, or for a larger window.
    assert.ok(accepted < good.length / 50, `${accepted} flipped bits did not count`)
    await nothingIn(to)
  })

  test('is refused when it is cut short', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    await from.export('third', file, { module: false })
    const good = await readFile(file)

    for (let size = 0; size < good.length; size += 29) {
      await writeFile(file, good.subarray(0, size))
      await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
    }
    await nothingIn(to)
  })

  test('is refused when the size of a member is no number', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    await from.export('third', file)
    const good = await decompress(await readFile(file))

    for (const at of headersOf(good)) {
      const bytes = Buffer.from(good)
      // Numbers begin with a digit, or with 0x80 or 0xff when they are binary.
      bytes[at + 124] = 0xd1
      sealHeader(bytes.subarray(at, at + blockBytes))
      await writeFile(file, await compress(bytes))
      await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
    }
    await nothingIn(to)
  })

  test('is refused when it is something else', async () => {
    await using folder = await temporaryDirectory()
    const to = openStore(join(folder.path, 'to'))
    const file = join(folder.path, 'x.wsnap')

    await rejectsCode('ERR_WASMSH_STORE_READ', () => to.import(file))
    await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(folder.path))
    for (const contents of ['', 'hello', '\u007fELF', 'x'.repeat(100_000)]) {
      await writeFile(file, contents)
      await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
    }
    for (const unpacked of ['', 'hello', 'x'.repeat(100_000), '\0'.repeat(1_000_000)]) {
      await writeFile(file, await compress(Buffer.from(unpacked)))
      await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
    }
  })
}, 120_000)

suite('an archive with other members', (test) => {
  const inserted: readonly [string, Parameters<ReturnType<typeof tar.pack>['entry']>[0]][] = [
    ['a path upwards', { name: '../evil' }],
    ['an absolute path', { name: '/tmp/evil' }],
    ['a folder', { name: 'memory-1.img/', type: 'directory' }],
    ['a link', { name: 'state.bin', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'state.bin', type: 'link', linkname: '/etc/passwd' }],
    ['a device', { name: 'state.bin', type: 'character-device' }],
    ['a file that is not listed', { name: 'extra.bin' }],
    ['bindings of its own', { name: 'bindings.json' }],
    ['a second manifest', { name: 'manifest.json' }],
    ['a name with a sparse path', { name: 'x', pax: sparse('../evil', '1') }],
    ['a sparse file of another format', { name: 'x', pax: { 'GNU.sparse.major': '2' } }],
    ['a sparse file that is too large', { name: 'x', pax: sparse('memory-0.img', '999999999999') }],
  ]
  for (const [what, header] of inserted) {
    test(`is refused with ${what}`, async () => {
      await using folder = await temporaryDirectory()
      const { to, file, members } = await unpacked(folder)
      const [manifest, ...rest] = members
      if (manifest === undefined) throw new Error('An archive has a manifest')

      await writeFile(file, await pack([manifest, { header, bytes: null }, ...rest]))

      await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
      await nothingIn(to)
    })
  }

  test('is refused without one of its members, or with the manifest elsewhere', async () => {
    await using folder = await temporaryDirectory()
    const { to, file, members } = await unpacked(folder)
    for (const { header } of members.filter((member) => member.header.name !== 'module.wasm')) {
      await writeFile(file, await pack(members.filter((member) => member.header !== header)))
      await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
    }
    await writeFile(file, await pack([...members].reverse()))
    await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
    await nothingIn(to)
  })

  test('is refused with another module, and with changed pages', async () => {
    await using folder = await temporaryDirectory()
    const { to, file, members } = await unpacked(folder)
    const change = (name: string) =>
      members.map(({ header, bytes }) => {
        if (!header.name.endsWith(name) || bytes === null) return { header, bytes }
        const changed = Uint8Array.from(bytes)
        changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
        return { header, bytes: changed }
      })
    await writeFile(file, await pack(change('module.wasm')))
    await rejectsCode('ERR_WASMSH_MODULE_CORRUPT', () => to.import(file))
    for (const name of ['memory-0.img', 'memory-0.idx', 'state.bin', 'manifest.json']) {
      await writeFile(file, await pack(change(name)))
      await rejectsCode('ERR_WASMSH_SNAPSHOT_CORRUPT', () => to.import(file))
    }
    await nothingIn(to)
  })

  test('cannot make more of itself than it may', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    await from.export('third', file)

    await rejectsCode('ERR_WASMSH_SNAPSHOT_TOO_LARGE', () =>
      to.import(file, { limitBytes: 10_000 }),
    )

    const bomb = await pack([{ header: { name: 'manifest.json' }, bytes: Buffer.alloc(64 << 20) }])
    assert.ok(bomb.length < 100_000)
    await writeFile(file, bomb)
    await rejectsCode('ERR_WASMSH_ARCHIVE_INVALID', () => to.import(file))
    await nothingIn(to)
  })
}, 120_000)

async function nothingIn(store: Store): Promise<void> {
  assert.equal(await store.list(), [])
  assert.equal(listDirectory(storePaths(store.home).temporary), [])
}

function sparse(name: string, size: string): Record<string, string> {
  const version = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }
  return { ...version, 'GNU.sparse.name': name, 'GNU.sparse.realsize': size }
}

/** A good archive in parts. */
async function unpacked(folder: TemporaryDirectory) {
  const { from, to, file } = await twoStores(folder)
  await from.export('third', file)
  return { to, file, members: await membersOf(await decompress(await readFile(file))) }
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
