import { suite } from '../support/suite.js'
import { defineDamageTests } from './damage.js'

suite(
  'a damaged snapshot',
  (test) => defineDamageTests(test, { bits: 'one', pageStep: 61 }),
  120_000,
)
