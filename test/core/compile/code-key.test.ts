import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { portableKey } from '../../../src/core/compile/code-key.js'
import { loadNative } from '../../../src/core/native.js'
import { sha256 } from '../../../src/core/snapshot/snapshot-files.js'
import { suite } from '../../support/suite.js'

const native = fileURLToPath(new URL('../../../native', import.meta.url))

/** The files that code for any machine depends on, as native/cmake/code_revision.cmake has it. */
function sources(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    readdirSync(`${native}/${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(native.length + 1))
  const formats = below('engine/compiled').filter((name) => name.endsWith('_format.h'))
  return [...below('compiler'), ...formats, ...below('wamr')].sort()
}

suite('portableKey', (test) => {
  test('is another one for another module, compiler, target or choice of twins', () => {
    const [one, other] = [{ sha256: '1' }, { sha256: '2' }] as const
    const keys = [
      portableKey(one, 'a', 'x86_64', 'open'),
      portableKey(other, 'a', 'x86_64', 'open'),
      portableKey(one, 'b', 'x86_64', 'open'),
      portableKey(one, 'a', 'aarch64', 'open'),
      portableKey(one, 'a', 'x86_64', 'all'),
    ]
    assert.is(new Set(keys).size, keys.length)
    assert.is(portableKey(one, 'a', 'x86_64', 'open'), keys[0])
  })

  test('names the compiler by its sources', () => {
    const engine = loadNative().openEngine(() => undefined)
    const list = sources().map((name) => `${name} ${sha256(readFileSync(`${native}/${name}`))}\n`)
    assert.ok(list.length > 40)
    assert.is(engine.codeRevision, sha256(list.join('')))
    engine.stop()
  })
})
