/** Whatever stands in a line: it is read, or refused with the code of its parser; nothing else is
 *  thrown, and nothing hangs. */
import * as assert from 'uvu/assert'
import { formatTarget, parseTarget } from '../../src/core/edit/edit-target.js'
import { type ErrorCode, WasmshError } from '../../src/core/errors.js'
import { formatValue, parseValue } from '../../src/core/value/value.js'
import { parseArguments } from '../../src/shell/arguments.js'
import { splitAssertion, splitComparison } from '../../src/shell/assertion.js'
import { commands } from '../../src/shell/commands/index.js'
import { classifyLine, commandLikeWord } from '../../src/shell/line.js'
import { quoteWord } from '../../src/shell/new-process.js'
import { parseCount, parseSeconds, parseSize } from '../../src/shell/numbers.js'
import { expandWords, splitWords } from '../../src/shell/words.js'
import { type Choices, fuzzRounds, randomText } from '../support/fuzz.js'
import { suite } from '../support/suite.js'

const linePieces = [
  ...[' ', '\t', '\n', '"', "'", '`', '\\', '$', '${', '{', '}', '(', ')', '[', ']', '#', ' # '],
  ...[';', '|', '>', '&&', '=', '==', ',', '--', '-', '--name', '--pause-at', '--guest', '-h'],
  ...['run', 'frames', 'set', 'local', 'u32[4]', 'pc', '0x10', '7', '1_000', 'name', 'x.wasm'],
] as [string, ...string[]]

const numberPieces = [
  ...['0', '1', '9', '-', '+', '.', '_', '0x', 'f', 'e', 'p', 'nan', ':', 'inf', 'null', '#'],
  ...['local ', 'global ', 'stack ', 'table ', 'u8', 'f64', 'bytes', '[', ']', ' ', 'pc', '$'],
  ...['ms', 's', 'K', 'MiB', 'GiB', '9'.repeat(30)],
] as [string, ...string[]]

/** What a call gives; undefined when it refuses with one of these codes. */
function attempt<Result>(codes: readonly ErrorCode[], call: () => Result): Result | undefined {
  try {
    return call()
  } catch (error) {
    assert.ok(error instanceof WasmshError && codes.includes(error.code), String(error))
    return undefined
  }
}

const isCommand = (word: string): boolean => commands.has(word)

suite('lines of anything', (test) => {
  test('are split into words that follow each other', async () => {
    await fuzzRounds((choices) => {
      const line = randomText(linePieces, choices)
      const words = attempt(['ERR_WASMSH_COMMAND_SYNTAX'], () => splitWords(line)) ?? []
      let end = 0
      for (const word of words) {
        assert.ok(word.start >= end && word.end > word.start && word.end <= line.length)
        end = word.end
      }
      expandWords(words, () => ['a', 'b'])
    })
  })

  test('are one word again when quoted', async () => {
    await fuzzRounds((choices) => {
      const words = [randomText(linePieces, choices), randomText(linePieces, choices)]
      const line = words.map(quoteWord).join(' ')
      assert.equal(
        expandWords(splitWords(line), () => assert.unreachable(line)),
        words,
      )
    })
  })

  test('are commands, JavaScript or nothing', async () => {
    await fuzzRounds((choices) => {
      const line = randomText(linePieces, choices)
      const { kind } = classifyLine(line, isCommand)
      assert.is(classifyLine(`  ${line}`, isCommand).kind, kind)
      commandLikeWord(line)
    })
  })

  test('are arguments of every command, or refused with its usage', async () => {
    await fuzzRounds((choices) => {
      const words = Array.from({ length: choices.below(5) }, () => randomText(linePieces, choices))
      for (const command of commands.values()) {
        attempt(['ERR_WASMSH_COMMAND_USAGE'], () => parseArguments(command, words))
      }
    })
  })

  test('are assertions that lose no character of their expression', async () => {
    await fuzzRounds((choices) => {
      const text = randomText(linePieces, choices)
      const { expression } = splitAssertion(text)
      assert.ok(text.includes(expression))
      const sides = splitComparison(expression)
      if (sides !== null) assert.ok(expression.startsWith(sides.left))
    })
  })
}, 60_000)

suite('texts of anything', (test) => {
  test('are places in a guest that format and parse back, or refused', async () => {
    await fuzzRounds((choices) => {
      const text = randomText(numberPieces, choices)
      const target = attempt(['ERR_WASMSH_EDIT_TARGET'], () => parseTarget(text))
      if (target !== undefined) assert.equal(parseTarget(formatTarget(target)), target)
    })
  })

  test('are values that format and parse back, or refused', async () => {
    await fuzzRounds((choices) => {
      const text = randomText(numberPieces, choices)
      for (const type of ['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref'] as const) {
        const bits = attempt(['ERR_WASMSH_EDIT_VALUE'], () => parseValue(type, text))
        if (bits !== undefined) assert.is(parseValue(type, formatValue(type, bits)), bits)
      }
    })
  })

  test('are numbers within their range, or refused', async () => {
    const parsers = [parseCount, parseSize, parseSeconds] as const
    await fuzzRounds((choices: Choices) => {
      const text = randomText(numberPieces, choices)
      for (const parse of parsers) {
        const value = attempt(['ERR_WASMSH_COMMAND_USAGE'], () => parse(text, 'a number'))
        if (value !== undefined) assert.ok(value >= 0 && value <= Number.MAX_SAFE_INTEGER, text)
      }
    })
  })
}, 60_000)
