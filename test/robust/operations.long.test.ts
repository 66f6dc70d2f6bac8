import { suite } from '../support/suite.js'
import { runsInFlatMemory } from './operations.js'

suite('a million operations that change names', (test) => {
  test('are followed in flat memory, and hold nobody up', async () => {
    await runsInFlatMemory(340_000)
  })
}, 1_200_000)
