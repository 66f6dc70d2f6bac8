import { suite } from '../support/suite.js'
import { definePauseTests } from './pauses.js'

suite(
  'a pause at any time, end of the process, recovery',
  (test) => definePauseTests(test, 8),
  60_000,
)
