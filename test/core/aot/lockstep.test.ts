import * as assert from 'uvu/assert'
import { openShell } from '../../../src/index.js'
import { textGuest } from '../../support/guest-programs.js'
import { type ComparedState, requireLockstep, stateAtStop } from '../../support/lockstep.js'
import { randomModule } from '../../support/random-module.js'
import { programOf } from '../../support/random-program.js'
import { runSuspended, type V8Program } from '../../support/step-through.js'
import { suite } from '../../support/suite.js'
import { buildForV8 } from '../../support/suspension.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { wasiProgram } from '../../support/wasi-program.js'
import { compileWat } from '../../support/wat.js'

/** Stops that are compared: the interpreter takes a step at a time. */
const mostStops = 60

/** States at the stops of a suspendable build, each of which the interpreter has to come by. */
async function inLockstep(
  name: string,
  program: V8Program,
  invoke?: { readonly invoke: string; readonly invokeArgs: readonly string[] },
): Promise<number> {
  const states: ComparedState[] = []
  runSuspended(buildForV8(program.bytes), program, {
    stopsAt: () => true,
    onStop: (frames, guest) => states.push(stateAtStop(frames, guest)),
  })
  await using folder = await temporaryDirectory()
  const shell = await openShell({ home: folder.path })
  try {
    const guest = await shell.run(program.bytes, { file: name, paused: true, ...invoke })
    await guest.wait()
    await requireLockstep(name, guest, states.slice(0, mostStops))
    await guest.kill()
  } finally {
    await shell.close()
  }
  return Math.min(states.length, mostStops)
}

suite('compiled code and interpreter in lockstep', (test) => {
  const names = ['blocks', 'br-table', 'calls', 'indirect', 'loops', 'multi-value', 'tables']
  for (const name of [...names, 'tail-calls', 'values']) {
    test(name, async () => {
      assert.ok((await inLockstep(name, wasiProgram(await textGuest(name)))) > 4)
    })
  }

  test('modules made at random', async () => {
    let stops = 0
    for (let seed = 1; seed <= 6; seed++) {
      const text = randomModule(seed, { hasHost: false, hasVectors: false })
      const run = { invoke: 'run', invokeArgs: ['7', '9'] }
      stops += await inLockstep(`seed ${seed}`, programOf(await compileWat(text)), run)
    }
    assert.ok(stops > 60, `${stops} stops`)
  })
}, 120_000)
