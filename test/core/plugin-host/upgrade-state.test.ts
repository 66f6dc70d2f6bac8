import * as assert from 'uvu/assert'
import type { Json, StateSchema } from '../../../src/core/plugin.js'
import { upgradeState } from '../../../src/core/plugin-host/upgrade-state.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

/** Version 3 of a state that began as a number, and became a list. */
const schema: StateSchema<readonly string[]> = {
  version: 3,
  migrations: {
    1: (state) => [state],
    2: (state) => (state as readonly number[]).map(String),
  },
  format: (state) => state,
  parse: (state) => {
    if (!Array.isArray(state)) throw new Error('it is no list')
    return state.map((one: Json) => {
      if (typeof one !== 'string') throw new Error(`${String(one)} is no text`)
      return one
    })
  },
}

suite('upgradeState', (test) => {
  test('takes a state of its own version as it is', () => {
    assert.equal(upgradeState(schema, { version: 3, state: ['a'] }, 'meter'), ['a'])
  })

  test('goes through every step from an older one', () => {
    assert.equal(upgradeState(schema, { version: 1, state: 7 }, 'meter'), ['7'])
    assert.equal(upgradeState(schema, { version: 2, state: [7, 8] }, 'meter'), ['7', '8'])
  })

  test('refuses a newer one, naming the plugin and both versions', () => {
    const error = throwsCode('ERR_WASMSH_PLUGIN_STATE_TOO_NEW', () =>
      upgradeState(schema, { version: 4, state: [] }, 'meter'),
    )
    assert.match(error.message, /state 4 of plugin "meter"; the one that is loaded reads up to 3/)
  })

  test('refuses an older one without a step, or whose step fails', () => {
    const missing = throwsCode('ERR_WASMSH_PLUGIN_STATE', () =>
      upgradeState({ ...schema, migrations: {} }, { version: 2, state: [] }, 'meter'),
    )
    assert.match(missing.message, /"meter" .*no migration from version 2 to 3/)
    const failed = throwsCode('ERR_WASMSH_PLUGIN_STATE', () =>
      upgradeState(schema, { version: 2, state: null }, 'meter'),
    )
    assert.match(failed.message, /"meter" .*cannot be migrated from version 2/)
  })

  test('refuses what does not parse, saying where', () => {
    const error = throwsCode('ERR_WASMSH_PLUGIN_STATE', () =>
      upgradeState(schema, { version: 3, state: [1] }, 'meter'),
    )
    assert.is(error.message, 'The state of plugin "meter" is not valid: 1 is no text')
  })
})
