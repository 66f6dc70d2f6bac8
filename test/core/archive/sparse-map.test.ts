import * as assert from 'uvu/assert'
import { formatSparseMap, SparseMapReader } from '../../../src/core/archive/sparse-map.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

function readIn(pieces: number, bytes: Uint8Array, fileBytes: number) {
  const reader = new SparseMapReader(fileBytes)
  let used = 0
  while (used < bytes.length && reader.segments === null) {
    used += reader.push(bytes.subarray(used, used + pieces))
  }
  return { segments: reader.segments, used }
}

suite('a map of a sparse file', (test) => {
  const many = Array.from({ length: 100 }, (_, at) => ({ offset: at * 8192, length: 4096 }))

  for (const pieces of [1, 7, 512, 10_000]) {
    test(`is read as it was written, in pieces of ${pieces} bytes`, () => {
      const map = formatSparseMap(many, 1_000_000)
      const { segments, used } = readIn(pieces, Buffer.concat([map, Buffer.alloc(600, 'x')]), 1e6)

      assert.equal(segments, [...many, { offset: 1_000_000, length: 0 }])
      assert.is(used, map.length)
      assert.is(map.length % 512, 0)
    })
  }

  test('says how long a file of nothing is', () => {
    assert.is(Buffer.from(formatSparseMap([], 4096)).toString('latin1', 0, 9), '1\n4096\n0\n')
    assert.equal(readIn(512, formatSparseMap([], 0), 0).segments, [])
  })

  const wrong: readonly [string, string][] = [
    ['letters', 'x\n'],
    ['an empty line', '\n'],
    ['a sign', '-1\n'],
    ['a long number', `${'9'.repeat(16)}\n`],
    ['too many segments', '99999999\n'],
    ['segments out of order', '2\n4096\n4096\n0\n4096\n'],
    ['overlap', '2\n0\n4096\n4095\n1\n'],
    ['an end behind that of the file', '1\n4096\n4097\n'],
  ]
  for (const [what, text] of wrong) {
    test(`is refused for ${what}`, () => {
      throwsCode('ERR_WASMSH_ARCHIVE_INVALID', () => readIn(3, Buffer.from(text), 8192))
    })
  }
})
