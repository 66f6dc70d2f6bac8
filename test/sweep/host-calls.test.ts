import { suite } from '../support/suite.js'
import { survivesEverywhere } from '../support/sweep-suite.js'

suite('a snapshot before every instruction: host calls', (test) => {
  survivesEverywhere(
    test,
    'arguments, clocks, random numbers, streams, polls',
    'host-calls',
    'ended with exit code 42',
    { args: ['a', 'bc'], env: { KEY: 'value', OTHER: 'x y' }, stdin: 'hello world' },
  )
  survivesEverywhere(test, 'files and directories', 'files', 'ended with exit code 0', {
    files: { first: 'one two three' },
  })
  survivesEverywhere(test, 'input that is read in pieces', 'echo', 'ended with exit code 16', {
    stdin: 'abcdefghijklmnop',
  })
}, 240_000)
