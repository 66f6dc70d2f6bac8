import * as assert from 'uvu/assert'
import { expandWords, splitWords } from '../../src/shell/words.js'
import { suite } from '../support/suite.js'
import { throwsCode } from '../support/throws.js'

const values: Readonly<Record<string, unknown>> = { name: 'a b', list: ['x', 'y z'], '1': 'one' }

function words(line: string): string[] {
  return expandWords(splitWords(line), (source) => values[source] ?? `<${source}>`)
}

suite('splitWords', (test) => {
  const cases: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['', []],
    ['  a   b\tc ', ['a', 'b', 'c']],
    [`'a b' "c d"`, ['a b', 'c d']],
    [`a'b'"c"d`, ['abcd']],
    [`''`, ['']],
    [`"" x`, ['', 'x']],
    [`'it\\s'`, ['it\\s']],
    [`"\\"\\\\\\$x\\n"`, ['"\\$x\\n']],
    ['a\\ b', ['a b']],
    ['a # comment', ['a']],
    ['#12 a#b', ['#12', 'a#b']],
    ['trailing\\', ['trailing\\']],
  ]
  for (const [line, expected] of cases) {
    test(`reads ${JSON.stringify(line)} as a POSIX shell does`, () => {
      assert.equal(words(line), expected)
    })
  }

  test('says which operator has no meaning', () => {
    for (const line of ['a > b', 'a | b', 'a && b', 'a 2>b', 'a ; b', 'a < b']) {
      throwsCode('ERR_WASMSH_COMMAND_SYNTAX', () => splitWords(line))
    }
    assert.equal(words(`'>' "|" \\; a>b`), ['>', '|', ';', 'a>b'])
  })

  test('refuses quotes and braces that are not closed', () => {
    const open = ["'a", '"a', '$' + '{a', '$' + '{"}"']
    for (const line of open) throwsCode('ERR_WASMSH_COMMAND_SYNTAX', () => splitWords(line))
  })

  test('refuses command substitution', () => {
    throwsCode('ERR_WASMSH_COMMAND_SYNTAX', () => splitWords('a $(b)'))
  })
})

suite('expandWords', (test) => {
  test('inserts values without splitting them', () => {
    assert.equal(words('$name x$name "$name"'), ['a b', 'xa b', 'a b'])
  })

  test('makes one word an element of an array that stands alone', () => {
    assert.equal(words('$list'), ['x', 'y z'])
    assert.equal(words('pre$list'), ['prex y z'])
  })

  test('takes expressions up to the brace that closes them', () => {
    assert.equal(words('$' + '{f({a: "}"})[0]} b'), ['<f({a: "}"})[0]>', 'b'])
  })

  test('leaves a dollar alone that begins no name', () => {
    assert.equal(words(`$ $- '$name' \\$name`), ['$', '$-', '$name', '$name'])
  })

  test('knows the arguments of a script', () => {
    assert.equal(words('$1 $# $@'), ['one', '<#>', '<@>'])
  })
})
