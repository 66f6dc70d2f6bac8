import * as assert from 'uvu/assert'
import { textGuest } from '../support/guest-programs.js'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { cProgram } from '../support/toolchains.js'
import { cFileProgram } from './file-programs.js'
import { goByLogAlone } from './log-alone.js'

const program = await cProgram('filework')
goByLogAlone()

suite('snapshots that go by the operation log alone, around some host calls', (test) => {
  test('files and directories', async () => {
    const module = await textGuest('files')
    const files = { first: 'one two three' }
    const count = 40
    const points = { count, seed: 2, of: 'host calls' } as const
    const result = await sweep({ name: 'files', module, files }, points)
    requireNoMismatch('files', result)
    assert.is(result.recoveries, count)
    assert.is(result.ending.outcome, 'ended with exit code 0')
  })

  if (program.missing !== undefined) {
    test.skip('a C program', program.missing)
    return
  }
  const { module } = program
  test('a C program', async () => {
    const count = 24
    const result = await sweep(cFileProgram(module), { count, seed: 2, of: 'host calls' })
    requireNoMismatch('a C program', result)
    assert.is(result.recoveries, 3 * count)
    assert.is(result.ending.outcome, 'ended with exit code 7')
  })
}, 240_000)
