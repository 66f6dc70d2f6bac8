import { suite } from '../support/suite.js'
import { defineDamageTests } from './damage.js'

suite(
  'a damaged snapshot, every bit',
  (test) => defineDamageTests(test, { bits: 'all', pageStep: 1 }),
  3_600_000,
)
