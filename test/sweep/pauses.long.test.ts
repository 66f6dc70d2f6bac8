import { suite } from '../support/suite.js'
import { definePauseTests } from './pauses.js'

suite(
  'many pauses at any time, end of the process, recovery',
  (test) => definePauseTests(test, 200),
  600_000,
)
