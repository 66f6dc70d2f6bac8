import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import * as assert from 'uvu/assert'
import { defaultHome } from '../../src/core/paths.js'
import { suite } from '../support/suite.js'

suite('defaultHome', (test) => {
  const user = join(homedir(), '.local', 'share', 'wasmsh')
  const cases: readonly [NodeJS.ProcessEnv, string][] = [
    [{}, user],
    [{ WASMSH_HOME: '/x/y' }, '/x/y'],
    [{ WASMSH_HOME: 'x' }, resolve('x')],
    [{ WASMSH_HOME: '', XDG_DATA_HOME: '/data' }, '/data/wasmsh'],
    [{ XDG_DATA_HOME: 'relative' }, user],
    [{ XDG_DATA_HOME: '' }, user],
  ]
  for (const [environment, expected] of cases) {
    test(`is ${expected} for ${JSON.stringify(environment)}`, () => {
      assert.is(defaultHome(environment), expected)
    })
  }
})
