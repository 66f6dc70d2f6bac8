/** Traps in compiled code: where they happened has to be where the interpreter finds them. */
import * as assert from 'uvu/assert'
import { type Guest, openShell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { trapCases, trapProgram } from '../../support/trap-cases.js'
import { compileWat } from '../../support/wat.js'

const interpreted = { stdin: 'null', deterministic: true, allowMissingImports: true } as const
const compiled = { ...interpreted, engine: 'aot' } as const

/** Engines may differ in how deep a recursion can be. */
const mostCallers = 100

/** LLVM moves this load out of its loop, and forgets through which calls its function was inlined. */
const losesCallers = 'a load that a loop repeats'

interface Found {
  readonly reason: string
  readonly function: number | null
  readonly pc: number | null
  /** Functions of the calls in progress, innermost first. */
  readonly callers: readonly number[]
}

async function trapOf(guest: Guest): Promise<Found> {
  guest.stdout?.resume()
  guest.stderr?.resume()
  await guest.wait()
  const { trap } = guest
  if (trap === null) return { reason: guest.state, function: null, pc: null, callers: [] }
  const callers = guest.frames().length > 0 ? guest.frames().slice(1) : trap.callers
  const found = {
    reason: trap.reason,
    function: trap.function,
    pc: trap.pc,
    callers: callers.slice(0, mostCallers).map(({ function: index }) => index),
  }
  if (guest.state === 'trapped') await guest.kill()
  return found
}

function trapOfResumed(guest: Guest): Promise<Found> {
  guest.resume()
  return trapOf(guest)
}

suite('Trap in compiled code', (test) => {
  if (!hasCompiler) return test.skip('is where the interpreter finds it', noCompiler)

  test('is where the interpreter finds it', async () => {
    const bytes = await compileWat(trapProgram)
    await using folder = await temporaryDirectory()
    const shell = await openShell({ home: folder.path })
    const wrong: unknown[] = []
    try {
      for (const invoke of Object.keys(trapCases)) {
        const expected = await trapOf(await shell.run(bytes, { ...interpreted, invoke }))
        const trap = await trapOf(await shell.run(bytes, { ...compiled, invoke }))
        const found = invoke === losesCallers ? { ...trap, callers: expected.callers } : trap
        if (typeof expected.pc !== 'number') wrong.push({ invoke, expected })
        else if (JSON.stringify(found) !== JSON.stringify(expected)) {
          wrong.push({ invoke, expected, found })
        }
      }
    } finally {
      await shell.close()
    }
    assert.equal(wrong, [])
  })

  // What comes behind the loop in which the guest is stored. Its twin calls what is code proper.
  const behindLoop = {
    callee: '(drop (call $divide (i32.load (i32.const 96))))',
    twin: '(drop (i32.div_u (i32.const 7) (i32.load (i32.const 96))))',
  }
  for (const [where, body] of Object.entries(behindLoop)) {
    const known = where === 'callee' ? 'is where the interpreter finds it' : 'has no place'
    test(`in the ${where} of a function that was rebuilt ${known}`, async () => {
      const bytes = await compileWat(`(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (memory (export "memory") 1 1)
        (global $sink (mut i32) (i32.const 0))
        (func $divide (param i32) (result i32)
          (drop (call $yield))
          (i32.div_u (i32.const 7) (local.get 0)))
        (func (export "_start")
          (loop $l
            (global.set $sink (i32.add (global.get $sink) (i32.const 1)))
            (br_if $l (i32.lt_u (global.get $sink) (i32.const 1000000))))
          ${body}))`)
      await using b = await shellInFolder()
      const { shell } = b
      const guest = await shell.run(bytes, { ...interpreted, pauseAt: 1000n })
      await guest.wait()
      await guest.snapshot('early', { sync: false })
      const expected = await trapOfResumed(guest)

      const recovered = await shell.recover('early', {
        engine: 'aot',
        waitForCode: true,
        paused: true,
      })
      let crossings = 0
      recovered.on('crossed', () => crossings++)
      const found = await trapOfResumed(recovered)

      assert.is(crossings, 1)
      assert.is(found.reason, expected.reason)
      if (where === 'callee') assert.equal({ ...found, callers: [] }, { ...expected, callers: [] })
      else assert.equal([found.function, found.pc, found.callers], [null, null, []])
    })
  }
}, 120_000)
