import { suite } from '../support/suite.js'
import { survivesAsInV8, survivesEverywhere } from '../support/sweep-suite.js'

suite('a snapshot before every instruction: state', (test) => {
  survivesAsInV8(test, 'memory and its growth', 'memory')
  survivesAsInV8(test, 'bulk operations on memory', 'bulk')
  survivesAsInV8(test, 'tables and references', 'tables')
  survivesAsInV8(test, 'floats and payloads of NaNs', 'floats')
  survivesAsInV8(test, 'locals and globals of every type', 'values')
  survivesAsInV8(test, 'padded immediates of loads and stores', 'memory', { padded: true })
  survivesEverywhere(test, 'atomic operations', 'atomics', 'ended with exit code 0')
  survivesEverywhere(
    test,
    'a start function, _initialize and _start',
    'start',
    'ended with exit code 0',
  )
  survivesEverywhere(
    test,
    'an export with arguments and results',
    'reactor',
    'ended with exit code 0 i32 8 i64 -13 f32 nan:0x200001 f64 12.65625',
    { invoke: 'compute', invokeArgs: ['4', '-9', 'nan:0x200001', '2.5'] },
  )
}, 240_000)
