import * as assert from 'uvu/assert'
import type { ErrorCode } from '../../../src/core/errors.js'
import type { Guest } from '../../../src/core/guest/guest.js'
import type { AnyPlugin, ResourceTracker } from '../../../src/core/plugin.js'
import { type Meter, meter, meterGuest } from '../../support/meter.js'
import { type PluginBench, pluginBench } from '../../support/plugin-bench.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const
const impatient = { pluginLimits: { phaseMs: 50 } }

/** Adds 5 to the meter, and exits with what it asks for: parked in between. */
const stepwise = meterGuest(`
  (global.set $result (call $meter_add (i32.const 5)))
  (loop $wait (br_if $wait (i32.lt_u
    (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
  (call $proc_exit (call $meter_ask (i32.const 7)))`)

async function parked(b: PluginBench, name = 'guest'): Promise<Guest> {
  const options = { ...quiet, name, file: 'guest.wasm', pauseAt: 100n }
  const guest = await b.shell.run(await compileWat(stepwise), options)
  await guest.wait()
  return guest
}

/** What must hold after a plugin has failed: the guest stands where it stood, and goes on. */
async function checkAlive(guest: Guest): Promise<void> {
  assert.is(guest.state, 'paused')
  assert.is(guest.info().position, 100n)
  guest.resume()
  assert.equal(await guest.wait(), { kind: 'ended', code: 7 })
}

const boom = (): never => {
  throw new Error('boom')
}
const never = (): Promise<never> => new Promise(() => undefined)

/** A meter of which one function is another. */
function broken(change: Partial<Record<keyof ResourceTracker<unknown>, unknown>>): Meter {
  return meter({}, {}, (tracker) => Object.assign(tracker, change))
}

interface Fault {
  readonly title: string
  readonly meter: Meter
  readonly code: ErrorCode
  readonly message: RegExp
}

const state = meter().plugin.state

const snapshotFaults: readonly Fault[] = [
  {
    title: 'throws in record',
    meter: broken({ record: boom }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in record: boom$/,
  },
  {
    title: 'throws in quiesce',
    meter: broken({ quiesce: boom }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in quiesce: boom$/,
  },
  {
    title: 'throws in plan',
    meter: broken({ plan: boom }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in plan: boom$/,
  },
  {
    title: 'throws in snapshot',
    meter: broken({ snapshot: boom }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in snapshot: boom$/,
  },
  {
    title: 'hangs in snapshot',
    meter: broken({ snapshot: never }),
    code: 'ERR_WASMSH_PLUGIN_TIMEOUT',
    message: /^Plugin "meter" has made no progress in snapshot for 0\.05 s$/,
  },
  {
    title: 'hangs in quiesce',
    meter: broken({ quiesce: never }),
    code: 'ERR_WASMSH_PLUGIN_TIMEOUT',
    message: /^Plugin "meter" has made no progress in quiesce/,
  },
  {
    title: 'gives a state that it cannot read back',
    meter: meter({}, { state: { ...state, format: () => ({ reading: 'much' }) } }),
    code: 'ERR_WASMSH_PLUGIN_STATE',
    message: /^The state of plugin "meter" is not valid: the reading is no number$/,
  },
  {
    title: 'gives a state that is no JSON',
    meter: meter({}, { state: { ...state, format: () => ({ reading: 5n }) as never } }),
    code: 'ERR_WASMSH_PLUGIN_STATE',
    message: /"meter"/,
  },
]

suite('a snapshot with a plugin that', (test) => {
  for (const fault of snapshotFaults) {
    test(`${fault.title} fails by its name, and the guest stays as it was`, async () => {
      await using b = await pluginBench([fault.meter.plugin], impatient)
      const guest = await parked(b)
      const error = await rejectsCode(fault.code, () => guest.snapshot('no'))
      assert.match(error.message, fault.message)
      assert.equal(await b.shell.store.list(), [])
      await checkAlive(guest)
    })
  }

  test('is resumed also after a failure', async () => {
    let resumed = 0
    const m = broken({
      snapshot: boom,
      resume: async () => {
        resumed++
      },
    })
    await using b = await pluginBench([m.plugin])
    const guest = await parked(b)
    const before = resumed
    await rejectsCode('ERR_WASMSH_PLUGIN_FAILED', () => guest.snapshot('no'))
    assert.is(resumed, before + 1)
  })
})

const recoverFaults: readonly Fault[] = [
  {
    title: 'throws in track',
    meter: meter({}, { track: boom }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in track: boom$/,
  },
  {
    title: 'throws in recover',
    meter: broken({ recover: boom }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in recover: boom$/,
  },
  {
    title: 'hangs in recover',
    meter: broken({ recover: never }),
    code: 'ERR_WASMSH_PLUGIN_TIMEOUT',
    message: /^Plugin "meter" has made no progress in recover/,
  },
  {
    title: 'throws in link',
    meter: broken({ link: boom }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in link: boom$/,
  },
  {
    title: 'says nothing of what is lost',
    meter: broken({ recover: async () => undefined }),
    code: 'ERR_WASMSH_PLUGIN_FAILED',
    message: /^Plugin "meter" failed in recover: it gave no list of what is lost$/,
  },
  {
    title: 'is of an older version',
    meter: meter({}, { state: { ...state, version: 0 } }),
    code: 'ERR_WASMSH_PLUGIN_STATE_TOO_NEW',
    message: /state 1 of plugin "meter"; the one that is loaded reads up to 0/,
  },
  {
    title: 'is newer, without the migration',
    meter: meter({}, { state: { ...state, version: 3, migrations: {} } }),
    code: 'ERR_WASMSH_PLUGIN_STATE',
    message: /"meter" .* no migration from version 1 to 2/,
  },
  {
    title: 'cannot migrate',
    meter: meter({}, { state: { ...state, version: 2, migrations: { 1: boom } } }),
    code: 'ERR_WASMSH_PLUGIN_STATE',
    message: /"meter" .* cannot be migrated from version 1: boom/,
  },
  {
    title: 'cannot read its state',
    meter: meter({}, { state: { ...state, parse: boom } }),
    code: 'ERR_WASMSH_PLUGIN_STATE',
    message: /^The state of plugin "meter" is not valid: boom$/,
  },
]

suite('a recovery with a plugin that', (test) => {
  for (const fault of recoverFaults) {
    test(`${fault.title} fails by its name, and can be tried again`, async () => {
      await using b = await pluginBench([meter().plugin], impatient)
      await (await parked(b)).snapshot('good')

      const shell = await b.reopen(fault.meter.plugin)
      const error = await rejectsCode(fault.code, () => shell.recover('good'))
      assert.match(error.message, fault.message)
      assert.equal(shell.guests(), [])

      const sound = await b.reopen(meter().plugin)
      const again = await sound.recover('good', { paused: true })
      await checkAlive(again)
    })
  }

  test('is not there fails by its name; without it, its functions trap', async () => {
    await using b = await pluginBench([meter().plugin])
    await (await parked(b)).snapshot('good')

    const shell = await b.reopen()
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_MISSING', () => shell.recover('good'))
    assert.match(
      error.message,
      /^Snapshot "good" has resources of plugin "meter", which is not loaded$/,
    )
    const guest = await shell.recover('good', { without: ['meter'] })
    await guest.wait()
    assert.is(guest.trap?.reason, 'failed to call unlinked import function (env, meter_ask)')
    assert.is(guest.degradations[0]?.plugin, 'meter')
  })

  test('is undone when a later one fails', async () => {
    const undone: string[] = []
    const first = (): AnyPlugin =>
      meter({}, { name: 'first', imports: {} }, (tracker) =>
        Object.assign(tracker, {
          undo: async () => {
            undone.push('first')
          },
        }),
      ).plugin
    await using b = await pluginBench([first(), meter().plugin])
    await (await parked(b)).snapshot('good')
    const shell = await b.reopen(first(), broken({ recover: boom }).plugin)
    await rejectsCode('ERR_WASMSH_PLUGIN_FAILED', () => shell.recover('good'))
    assert.equal(undone, ['first'])
  })
})

suite('a plugin that claims what another one owns', (test) => {
  test('is refused by name, and the guest goes on', async () => {
    const owner = meter({}, { creates: ['path_open'] })
    await using b = await pluginBench([owner.plugin])
    const guest = await parked(b)
    const other = meter({}, { name: 'other', imports: {}, creates: ['path_open'] }).plugin
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_CONFLICT', async () =>
      b.shell.plugins.add(other),
    )
    assert.is(
      error.message,
      'Plugin "other" cannot be loaded: the call path_open belongs to plugin "meter"',
    )
    await checkAlive(guest)
  })
})

suite('a guest without any plugin', (test) => {
  test('runs, is stored and recovered', async () => {
    await using b = await pluginBench([])
    const wat = `(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (i32.const 3))))`
    const guest = await b.shell.run(await compileWat(wat), { ...quiet, paused: true })
    await guest.snapshot('plain')
    const again = await b.shell.recover('plain', { name: 'again' })
    assert.equal(await again.wait(), { kind: 'ended', code: 3 })
  })
})
