import * as assert from 'uvu/assert'
import { parseArguments } from '../../src/shell/arguments.js'
import type { CommandInfo } from '../../src/shell/command.js'
import { commands } from '../../src/shell/commands/index.js'
import { suite } from '../support/suite.js'
import { throwsCode } from '../support/throws.js'

function command(name: string): CommandInfo {
  const found = commands.get(name)
  if (found === undefined) throw new Error(name)
  return found
}

suite('parseArguments', (test) => {
  test('gives all behind "--" to the program', () => {
    const words = ['a.wasm', '--dir', 'x', '--dir=y', '--', '--dir', 'z', '--', '-n']
    const input = parseArguments(command('run'), words)
    assert.is(input.required(0), 'a.wasm')
    assert.equal(input.options('dir'), ['x', 'y'])
    assert.equal(input.rest, ['--dir', 'z', '--', '-n'])
  })

  test('takes "--" as the value of an option that needs one', () => {
    throwsCode('ERR_WASMSH_COMMAND_USAGE', () =>
      parseArguments(command('run'), ['a', '--name', '--']),
    )
  })

  test('reads numbers exactly', () => {
    const input = parseArguments(command('run'), ['a', '--pause-at', '9007199254740993'])
    assert.is(input.bigint('pause-at'), 9007199254740993n)
  })

  test('says what comes near an unknown option', () => {
    const error = throwsCode('ERR_WASMSH_COMMAND_USAGE', () =>
      parseArguments(command('wait'), ['--timeuot', '5']),
    )
    assert.match(error.message, '--timeuot')
    assert.match(error.hint, '--timeout')
  })

  test('tells where arguments of the program belong', () => {
    const error = throwsCode('ERR_WASMSH_COMMAND_USAGE', () =>
      parseArguments(command('run'), ['a.wasm', 'extra']),
    )
    assert.match(error.hint, 'behind "--"')
  })

  test('counts the arguments', () => {
    throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseArguments(command('memory'), []))
    throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseArguments(command('frames'), ['1']))
  })

  test('says whether an option needs a value', () => {
    const needs = throwsCode('ERR_WASMSH_COMMAND_USAGE', () =>
      parseArguments(command('wait'), ['-t']),
    )
    assert.match(needs.message, /needs a value/)
    const takes = throwsCode('ERR_WASMSH_COMMAND_USAGE', () =>
      parseArguments(command('run'), ['a', '--paused=yes']),
    )
    assert.match(takes.message, /takes no value/)
  })
})

suite('commands', (test) => {
  test('have a page, a summary and usage each', () => {
    for (const one of commands.values()) {
      assert.ok(one.help.length > 40, one.name)
      assert.match(one.summary, /^[a-z].*[^.]$/, one.name)
      assert.ok(
        one.usage.every((usage) => usage.startsWith(one.name)),
        one.name,
      )
    }
  })

  test('use each short option once', () => {
    for (const one of commands.values()) {
      const shorts = Object.values(one.options).flatMap(({ short }) =>
        short === undefined ? [] : [short],
      )
      assert.is(new Set([...shorts, 'h']).size, shorts.length + 1, one.name)
    }
  })
})
