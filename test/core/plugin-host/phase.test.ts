import * as assert from 'uvu/assert'
import { WasmshError } from '../../../src/core/errors.js'
import type { PhaseContext } from '../../../src/core/plugin.js'
import { runPhase } from '../../../src/core/plugin-host/phase.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'

const run = <Result>(body: (context: PhaseContext) => Promise<Result>, silenceMs = 1000) =>
  runPhase('meter', 'snapshot', { deep: true }, body, silenceMs)

/** Keeps the process alive until the phase is given up. */
async function alive<Result>(promise: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => undefined, 1000)
  try {
    return await promise
  } finally {
    clearInterval(timer)
  }
}

suite('runPhase', (test) => {
  test('gives what the phase gives, and lends it the flags', async () => {
    assert.is(await run(async ({ flags }) => flags['deep']), true)
  })

  test('names plugin and phase in what is thrown, also when that is no error', async () => {
    for (const thrown of [new Error('lost'), 'lost']) {
      const error = await rejectsCode('ERR_WASMSH_PLUGIN_FAILED', () =>
        run(() => Promise.reject(thrown)),
      )
      assert.is(error.message, 'Plugin "meter" failed in snapshot: lost')
    }
    const early = (): Promise<void> => {
      throw new Error('at once')
    }
    await rejectsCode('ERR_WASMSH_PLUGIN_FAILED', () => run(early))
  })

  test('leaves errors of wasmsh as they are', async () => {
    const own = new WasmshError('ERR_WASMSH_STORE_FULL', 'There is no room')
    await rejectsCode('ERR_WASMSH_STORE_FULL', () => run(() => Promise.reject(own)))
  })

  test('gives up a phase that says nothing, and tells it', async () => {
    let isTold = false
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_TIMEOUT', () =>
      alive(
        run(({ signal }) => {
          signal.addEventListener('abort', () => {
            isTold = true
          })
          return new Promise(() => undefined)
        }, 30),
      ),
    )
    assert.is(error.message, 'Plugin "meter" has made no progress in snapshot for 0.03 s')
    assert.ok(isTold)
  })

  test('waits for one that says that it goes on', async () => {
    const steps = 12
    const result = await run(async ({ progress }) => {
      for (let done = 0; done < steps; done++) {
        await new Promise((resolve) => setTimeout(resolve, 25))
        progress({ unit: 'resources', done, total: steps })
      }
      return 'done'
    }, 200)
    assert.is(result, 'done')
  })
})
