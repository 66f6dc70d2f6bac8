/** Whatever stands in manifest.json and bindings.json, with a right digest as well: it is refused, or
 *  it means what it says. */
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type ErrorCode, WasmshError } from '../../../src/core/errors.js'
import { formatBindings, parseBindings } from '../../../src/core/snapshot/bindings.js'
import { formatManifest, parseManifest } from '../../../src/core/snapshot/manifest-codec.js'
import { sealJson, unsealJson } from '../../../src/core/snapshot/sealed-json.js'
import { fuzzRounds, mutateBytes, mutateJson } from '../../support/fuzz.js'
import { openStore, take } from '../../support/store-fixture.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

function requireCode(error: unknown, codes: readonly ErrorCode[]): void {
  assert.ok(error instanceof WasmshError && codes.includes(error.code), String(error))
}

suite('parseManifest', (test) => {
  const codes = ['ERR_WASMSH_SNAPSHOT_CORRUPT', 'ERR_WASMSH_SNAPSHOT_FORMAT'] as const

  test('refuses changed documents with a right digest, or formats them again as they were', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const parent = await take(store, { pages: new Map([[0, 1]]) })
    const child = await take(store, { base: parent.id })
    const documents = [parent, child].map(({ manifest }) => manifest)
    let accepted = 0
    let refused = 0

    await fuzzRounds(async (choices) => {
      const document = mutateJson(documents[choices.below(2)], choices)
      const text = sealJson(document as object)
      try {
        assert.is(formatManifest(await parseManifest(text, 'manifest.json')), text)
        accepted++
      } catch (error) {
        requireCode(error, codes)
        refused++
      }
    })

    assert.ok(accepted > 0 && refused > accepted, `${accepted} accepted, ${refused} refused`)
  })

  test('refuses changed bytes', async () => {
    await using folder = await temporaryDirectory()
    const { manifest } = await take(openStore(folder.path))
    const good = Buffer.from(formatManifest(manifest))

    await fuzzRounds(async (choices) => {
      const bytes = Buffer.from(mutateBytes(good, choices))
      const text = bytes.toString('utf8')
      if (text === good.toString('utf8')) return
      await parseManifest(text, 'manifest.json').then(
        () => assert.unreachable(text),
        (error) => requireCode(error, codes),
      )
    })
  })

  test('of a stored snapshot reads nothing outside of the store', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { id, directory, manifest } = await take(store, { pages: new Map([[0, 1]]) })
    const path = join(directory, 'manifest.json')
    await chmod(path, 0o600)

    await fuzzRounds(async (choices) => {
      await writeFile(path, sealJson(mutateJson(manifest, choices) as object))
      try {
        const { memories } = await store.read(id)
        const images = memories.flatMap((memory) => memory.images)
        assert.ok(images.every((image) => image.startsWith(join(folder.path, '/'))))
        assert.ok(images.every((image) => !image.includes('..')))
      } catch (error) {
        requireCode(error, [...codes, 'ERR_WASMSH_SNAPSHOT_INCOMPLETE'])
      }
    })
  })
}, 120_000)

suite('parseBindings', (test) => {
  test('refuses changed documents with a right digest, or formats them again as they were', async () => {
    await using folder = await temporaryDirectory()
    const { directory } = await take(openStore(folder.path))
    const good = unsealJson(await readFile(join(directory, 'bindings.json'), 'utf8'))

    await fuzzRounds(async (choices) => {
      const text = sealJson(mutateJson(good, choices) as object)
      try {
        assert.is(formatBindings(await parseBindings(text, 'bindings.json')), text)
      } catch (error) {
        requireCode(error, ['ERR_WASMSH_BINDINGS_INVALID'])
      }
    })
  })
}, 60_000)
