/** Guests that go to other CPUs and come back, at every instruction; and a real program. */
import * as assert from 'uvu/assert'
import { crossCpus, missingCpu } from '../support/cross-host.js'
import { textGuest } from '../support/guest-programs.js'
import { suite } from '../support/suite.js'
import { sweepAcross } from '../support/sweep.js'
import { requireNoMismatch, type SweepOptions } from '../support/sweep-suite.js'
import { compress } from '../support/toolchains.js'
import { compressProgram } from './real-programs.js'

const guests: Readonly<Record<string, SweepOptions>> = {
  atomics: {},
  blocks: {},
  'br-table': {},
  bulk: {},
  calls: {},
  echo: { stdin: 'abcdefghijklmnop' },
  floats: {},
  'host-calls': {
    args: ['a', 'bc'],
    env: { KEY: 'value', OTHER: 'x y' },
    stdin: 'hello world',
  },
  indirect: {},
  loops: {},
  memory: {},
  'multi-value': {},
  reactor: { invoke: 'compute', invokeArgs: ['4', '-9', 'nan:0x200001', '2.5'] },
  start: {},
  tables: {},
  'tail-calls': {},
  values: {},
}

const c = await compress()

suite('a guest that goes to another CPU and back, at every instruction', (test) => {
  for (const cpu of crossCpus) {
    const reason = missingCpu(cpu)
    if (reason !== undefined) {
      test.skip(cpu, reason)
      continue
    }
    for (const [name, options] of Object.entries(guests)) {
      test(`${name}, ${cpu}`, async () => {
        const result = await sweepAcross({ name, module: await textGuest(name), ...options }, cpu)

        requireNoMismatch(name, result)
        assert.is(result.points, result.instructions)
      })
    }
    if (c.missing !== undefined) {
      test.skip(`libzstd, ${cpu}`, c.missing)
      continue
    }
    const { module } = c
    test(`libzstd, ${cpu}`, async () => {
      const program = compressProgram(module, 1)
      const result = await sweepAcross(program, cpu, { count: 20, seed: 3 })

      requireNoMismatch('libzstd', result)
      assert.is(result.points, 20)
    })
  }
}, 3_600_000)
