import * as assert from 'uvu/assert'
import { classifyLine, commandLikeWord } from '../../src/shell/line.js'
import { suite } from '../support/suite.js'

const commands = new Set(['run', 'set', 'step', 'frames', 'import'])
const kindOf = (line: string) => classifyLine(line, (word) => commands.has(word)).kind

suite('classifyLine', (test) => {
  const cases: readonly (readonly [kind: string, lines: readonly string[]])[] = [
    ['command', ['run', 'run x.wasm', '  frames  ', 'set local 3 = 5', 'step\t5', 'frames == 3']],
    ['javascript', ['runx', 'run.x', 'run(1)', 'frames?.x', '1 + 1', 'const run = 1', '{ run }']],
    ['javascript', ['step = 5', 'step += 1', 'step ??= 2', 'step >>>= 1', 'set=1']],
    ['javascript', ['; run', ';step']],
    ['empty', ['', '   ', '# run', '  # x', '#!/usr/bin/env wasmsh', ';', ' ;  ']],
  ]
  for (const [kind, lines] of cases) {
    for (const line of lines) {
      test(`takes ${JSON.stringify(line)} for ${kind}`, () => assert.is(kindOf(line), kind))
    }
  }

  test('hands the rest of a command over as it stands', () => {
    const line = classifyLine("set  u32[4] = 'x' # y ", (word) => commands.has(word))
    assert.equal(line, { kind: 'command', name: 'set', text: "u32[4] = 'x' # y" })
  })

  test('takes the semicolon off that forces JavaScript', () => {
    const line = classifyLine('; run', (word) => commands.has(word))
    assert.equal(line, { kind: 'javascript', code: ' run' })
  })
})

suite('commandLikeWord', (test) => {
  test('finds the word of a line that looks like a command', () => {
    assert.is(commandLikeWord('frmaes'), 'frmaes')
    assert.is(commandLikeWord(' snapshto before'), 'snapshto')
    assert.is(commandLikeWord('rnu a.wasm --paused'), 'rnu')
  })

  test('leaves lines alone that are JavaScript', () => {
    const lines = [
      'const x',
      'x = 5',
      'a.b',
      'f(x)',
      'x + y',
      'let y z',
      'return 1',
      '1 2',
      'a ? b : c',
    ]
    for (const line of lines) assert.is(commandLikeWord(line), undefined, line)
  })
})
