import { suite } from '../support/suite.js'
import { runsInFlatMemory } from './operations.js'

suite('a hundred thousand operations that change names', (test) => {
  test('are followed in flat memory, and hold nobody up', async () => {
    await runsInFlatMemory(34_000)
  })
}, 120_000)
