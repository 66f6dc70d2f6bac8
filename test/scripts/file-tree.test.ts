import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { contentDigest, treeFingerprint } from '../../scripts/lib/file-tree.mjs'
import { suite } from '../support/suite.js'

async function withTree(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmsh-tree-'))
  try {
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'a'), 'one')
    await writeFile(join(folder, 'sub', 'b'), 'two')
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

suite('contentDigest', (test) => {
  test('is the SHA-256 of sorted names, sizes and contents', () =>
    withTree(async (folder) => {
      // printf 'a\0003\0onesub/b\0003\0two' | sha256sum
      assert.is(
        contentDigest(folder),
        '6eab839ca005a644d8fd1ce576c043dc179134d96e9af7466469076f4eebf23e',
      )
    }))

  test('does not depend on times', () =>
    withTree(async (folder) => {
      const before = contentDigest(folder)

      await utimes(join(folder, 'a'), 1, 1)

      assert.is(contentDigest(folder), before)
    }))

  test('tells a name from contents', () =>
    withTree(async (folder) => {
      const before = contentDigest(folder)

      await rm(join(folder, 'a'))
      await writeFile(join(folder, 'ao'), 'ne')

      assert.is.not(contentDigest(folder), before)
    }))
})

suite('treeFingerprint', (test) => {
  test('changes when a file is written, added or removed', () =>
    withTree(async (folder) => {
      const seen = [treeFingerprint([folder])]

      await writeFile(join(folder, 'a'), 'other')
      seen.push(treeFingerprint([folder]))
      await writeFile(join(folder, 'sub', 'c'), '')
      seen.push(treeFingerprint([folder]))
      await rm(join(folder, 'sub', 'b'))
      seen.push(treeFingerprint([folder]))

      assert.is(new Set(seen).size, 4)
    }))

  test('takes a path that is not there for an empty folder', () => {
    assert.is(treeFingerprint(['/nonexistent/a']), treeFingerprint([]))
  })
})
