import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as assert from 'uvu/assert'
import {
  formatIdentity,
  liveness,
  ownIdentity,
  parseIdentity,
} from '../../../src/core/store/process-identity.js'
import { suite } from '../../support/suite.js'

suite('liveness', (test) => {
  const own = ownIdentity()

  test('knows this process, and that a later one with its number is another', () => {
    assert.is(liveness(own), 'alive')
    assert.is(liveness({ ...own, started: '1' }), 'dead')
  })

  test('sees the end of a process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    const { pid } = child
    if (pid === undefined) throw new Error('No process')
    const identity = { ...own, pid, started: '0' }
    assert.is(liveness(identity), 'alive')

    child.kill('SIGKILL')
    await once(child, 'exit')

    assert.is(liveness(identity), 'dead')
  })

  test('does not know about other machines and containers, but about other boots', () => {
    const boot = '00000000-0000-0000-0000-000000000000'
    assert.is(liveness({ ...own, boot, host: '00000000' }), 'unknown')
    assert.is(liveness({ ...own, boot }), 'dead')
    assert.is(liveness({ ...own, namespace: '1' }), 'unknown')
  })

  test('survives being written down', () => {
    assert.equal(parseIdentity(formatIdentity(own)), own)
    for (const text of ['', '1_2_3', 'x_1_a_1_00000000', '1_1_../.._1_00000000']) {
      assert.is(parseIdentity(text), null, text)
    }
  })
})
