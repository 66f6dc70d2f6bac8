import * as assert from 'uvu/assert'
import { canonicalJson, sealJson, unsealJson } from '../../../src/core/snapshot/sealed-json.js'
import { suite } from '../../support/suite.js'

suite('canonicalJson', (test) => {
  test('does not depend on the order of members', () => {
    const text = canonicalJson({ b: [2, { z: 1, a: null }], a: 'x' })
    assert.is(text, canonicalJson({ a: 'x', b: [2, { a: null, z: 1 }] }))
    assert.is(
      text,
      '{\n  "a": "x",\n  "b": [\n    2,\n    {\n      "a": null,\n      "z": 1\n    }\n  ]\n}\n',
    )
  })

  test('sorts by UTF-16 code units and leaves out what JSON has no word for', () => {
    assert.is(
      canonicalJson({ é: 1, Z: 2, a: 3, gone: undefined }).replace(/\s/g, ''),
      '{"Z":2,"a":3,"é":1}',
    )
  })
})

suite('unsealJson', (test) => {
  const document = { name: 'x', list: [1, 2, { y: 'zß' }] }

  test('opens what sealJson sealed', () => {
    assert.equal(unsealJson(sealJson(document)), document)
  })

  test('refuses every flipped bit', () => {
    const bytes = Buffer.from(sealJson(document))
    for (let at = 0; at < bytes.length * 8; at++) {
      const changed = Buffer.from(bytes)
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7))
      assert.is(unsealJson(changed.toString('utf8')), null, `bit ${at}`)
    }
  })

  test('refuses what is no object, or has another form', () => {
    const sealed = sealJson(document)
    const compact = JSON.stringify(JSON.parse(sealed))
    const twice = sealed.replace('"name"', '"name": "y",\n  "name"')
    const deep = '['.repeat(1_000_000)
    for (const text of ['', 'null', '[]', '{}', '"x"', compact, `${sealed} `, twice, deep]) {
      assert.is(unsealJson(text), null, text.slice(0, 20))
    }
  })
})
