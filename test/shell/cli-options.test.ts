import * as assert from 'uvu/assert'
import { parseCommandLine } from '../../src/shell/cli-options.js'
import { suite } from '../support/suite.js'
import { throwsCode } from '../support/throws.js'

suite('parseCommandLine', (test) => {
  test('gives a program the options of run and its own arguments', () => {
    const { program } = parseCommandLine(['--dir', 'd', 'a.wasm', '--env=X=1', '--', '-c', '--dir'])
    assert.is(program?.file, 'a.wasm')
    assert.equal(program?.words, ['a.wasm', '--dir=d', '--env=X=1', '--', '-c', '--dir'])
  })

  test('leaves all behind a script to the script', () => {
    const options = parseCommandLine(['--json', 'x.wsh', '--json', '-c', 'y'])
    assert.equal(options.script, { file: 'x.wsh', args: ['--json', '-c', 'y'] })
    assert.is(options.isJson, true)
    assert.equal(options.steps, [])
  })

  test('keeps the order of -c and -x', () => {
    const { steps } = parseCommandLine(['-c', 'a b', '-x', 'f', '--command=c'])
    assert.equal(steps, [
      { kind: 'command', text: 'a b' },
      { kind: 'file', file: 'f' },
      { kind: 'command', text: 'c' },
    ])
  })

  test('takes "-" for a script from standard input', () => {
    assert.equal(parseCommandLine(['-', 'x']).script, { file: '-', args: ['x'] })
  })

  test('refuses what it does not know', () => {
    const error = throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseCommandLine(['--bacth']))
    assert.match(error.hint, '--batch')
    const two = (words: string[]) =>
      throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseCommandLine(words)).hint
    assert.match(two(['a.wasm', 'b.wasm']), 'behind "--"')
    assert.match(two(['run', 'b.wasm']), "wasmsh -c 'run b.wasm'")
    throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseCommandLine(['-c']))
    throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseCommandLine(['--', 'x']))
    throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseCommandLine(['--batch=1']))
  })
})
