import { renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { programDigest } from '../../../src/core/compile/program-digest.js'
import { sha256 } from '../../../src/core/snapshot/snapshot-files.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

const first = sha256(Buffer.from('first'))
const other = sha256(Buffer.from('other'))

suite('programDigest', (test) => {
  test('reads a file once, as long as it looks the same', async () => {
    await using folder = await temporaryDirectory()
    const path = join(folder.path, 'program')
    const noon = new Date('2026-01-01T12:00:00Z')
    writeFileSync(path, 'first')
    utimesSync(path, noon, noon)
    assert.equal(await Promise.all([programDigest(path), programDigest(path)]), [first, first])

    // Nothing but the bytes tells these two apart: whoever reads them sees the change.
    writeFileSync(path, 'other')
    utimesSync(path, noon, noon)
    assert.is(await programDigest(path), first)
  })

  test('reads it again when it was written to, or replaced', async () => {
    await using folder = await temporaryDirectory()
    const path = join(folder.path, 'program')
    writeFileSync(path, 'first')
    const { atime, mtime } = statSync(path)
    assert.is(await programDigest(path), first)

    writeFileSync(path, 'other')
    utimesSync(path, atime, new Date(mtime.getTime() + 1000))
    assert.is(await programDigest(path), other)

    writeFileSync(`${path}.new`, 'first')
    renameSync(`${path}.new`, path)
    utimesSync(path, atime, new Date(mtime.getTime() + 1000))
    assert.is(await programDigest(path), first)
  })

  test('tries again after a failure', async () => {
    await using folder = await temporaryDirectory()
    const path = join(folder.path, 'program')
    await programDigest(path).then(assert.unreachable, ({ code }) => assert.is(code, 'ENOENT'))
    writeFileSync(path, 'first')
    assert.is(await programDigest(path), first)
  })
})
