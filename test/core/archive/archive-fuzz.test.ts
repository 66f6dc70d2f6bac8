/** Whatever stands in a .wsnap file, behind right checksums as well: it is refused and leaves nothing,
 *  or the store that took it in is whole. */
import { readFile, writeFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { WasmshError } from '../../../src/core/errors.js'
import { storePaths } from '../../../src/core/paths.js'
import { sealJson, unsealJson } from '../../../src/core/snapshot/sealed-json.js'
import { listDirectory } from '../../../src/core/store/durable-file.js'
import type { Store } from '../../../src/core/store/store.js'
import {
  blockBytes,
  compress,
  decompress,
  headersOf,
  type Member,
  membersOf,
  pack,
  sealHeader,
  twoStores,
} from '../../support/archive-fixture.js'
import { type Choices, fuzzRounds, mutateBytes, mutateJson } from '../../support/fuzz.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

/** Imports one file; tells whether it was accepted. */
async function tryImport(store: Store, file: string): Promise<boolean> {
  try {
    const { id } = await store.import(file)
    assert.equal((await store.check()).problems, [])
    await store.verify(id)
    await store.forget(id)
    return true
  } catch (error) {
    assert.ok(error instanceof WasmshError && error.kind === 'user', String(error))
    return false
  } finally {
    assert.equal(await store.list(), [])
    assert.equal(listDirectory(storePaths(store.home).temporary), [])
  }
}

suite('an archive of a stranger', (test) => {
  test('is refused, or whole, whatever stands in its headers and members', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    await from.export('third', file)
    const good = await decompress(await readFile(file))
    const headers = headersOf(good)
    let refused = 0

    await fuzzRounds(async (choices) => {
      await writeFile(file, await compress(mutateTar(good, headers, choices)))
      if (!(await tryImport(to, file))) refused++
    })

    assert.ok(refused > 0)
  })

  test('is refused, or whole, whatever its manifest says', async () => {
    await using folder = await temporaryDirectory()
    const { from, to, file } = await twoStores(folder)
    await from.export('third', file)
    const members = await membersOf(await decompress(await readFile(file)))
    await writeFile(file, await pack(members))
    assert.ok(await tryImport(to, file), 'the unchanged one')
    let refused = 0

    await fuzzRounds(async (choices) => {
      await writeFile(file, await pack(members.map((member) => mutateMember(member, choices))))
      if (!(await tryImport(to, file))) refused++
    })

    assert.ok(refused > 0)
  })
}, 120_000)

/** Changes a header, whose checksum is right again, or a few blocks anywhere. */
function mutateTar(
  good: Buffer,
  headers: readonly [number, ...number[]],
  choices: Choices,
): Buffer {
  const bytes = Buffer.from(good)
  const at = choices.of(headers)
  switch (choices.below(4)) {
    case 0:
      return Buffer.from(mutateBytes(bytes, choices))
    case 1: {
      const from = choices.below(bytes.length / blockBytes) * blockBytes
      const to = choices.below(bytes.length / blockBytes) * blockBytes
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
    }
    default: {
      const header = mutateBytes(bytes.subarray(at, at + blockBytes), choices)
      bytes.set(header.subarray(0, blockBytes), at)
      sealHeader(bytes.subarray(at, at + blockBytes))
      return bytes
    }
  }
}

function mutateMember(member: Member, choices: Choices): Member {
  const { header, bytes } = member
  if (header.name !== 'manifest.json' || bytes === null) return member
  const manifest = unsealJson(Buffer.from(bytes).toString('utf8'))
  const changed = sealJson(mutateJson(manifest, choices) as object)
  return { header, bytes: Buffer.from(changed) }
}
