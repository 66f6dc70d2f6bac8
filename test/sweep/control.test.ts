import { suite } from '../support/suite.js'
import { survivesAsInV8 } from '../support/sweep-suite.js'

suite('a snapshot before every instruction: control', (test) => {
  survivesAsInV8(test, 'loops and ifs', 'loops')
  survivesAsInV8(test, 'nested blocks', 'blocks')
  survivesAsInV8(test, 'br_table', 'br-table')
  survivesAsInV8(test, 'calls and recursion', 'calls')
  survivesAsInV8(test, 'indirect calls', 'indirect')
  survivesAsInV8(test, 'several parameters and results', 'multi-value')
  survivesAsInV8(test, 'tail calls', 'tail-calls')
  survivesAsInV8(test, 'padded immediates of br_table', 'br-table', { padded: true })
  survivesAsInV8(test, 'padded immediates of calls', 'indirect', { padded: true })
}, 240_000)
