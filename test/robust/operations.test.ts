import { suite } from '../support/suite.js'
import { runsInFlatMemory, staysResponsive } from './operations.js'

suite('a hundred thousand operations that change names', (test) => {
  test('are followed in flat memory', async () => {
    await runsInFlatMemory(34_000)
  })
}, 120_000)

suite('operations that come faster than they are folded', (test) => {
  test('hold nobody up', async () => {
    await staysResponsive(300_000n)
  })
}, 120_000)
