/** Guests in compiled code: what they do, and what a stop, a snapshot and a recovery do to it. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Guest, openShell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { textGuest } from '../../support/guest-programs.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

const guests = [
  'blocks',
  'br-table',
  'bulk',
  'calls',
  'floats',
  'host-calls',
  'indirect',
  'loops',
  'memory',
  'multi-value',
  'references',
  'start',
  'tables',
  'tail-calls',
]

const interpreted = { stdin: 'null', deterministic: true } as const
/** Code that can be entered everywhere: it is, all the time. */
const everywhere = { engine: 'aot', twins: 'all' } as const
const compiled = { ...interpreted, ...everywhere } as const

async function text(stream: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = []
  if (stream !== null) for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

interface Ending {
  readonly stdout: string
  /** Exit code, or why it trapped. */
  readonly outcome: string
}

/** Lets a guest go on to its end; `onStop` has to let it go on each time that it is paused. */
async function ending(guest: Guest, onStop: (guest: Guest) => void = () => {}): Promise<Ending> {
  const stdout = text(guest.stdout)
  guest.stderr?.resume()
  await guest.wait()
  while (guest.state === 'paused') {
    onStop(guest)
    await guest.wait()
  }
  const outcome = guest.trap?.reason ?? String(guest.exitCode)
  if (guest.state === 'trapped') await guest.kill()
  return { stdout: await stdout, outcome }
}

suite('Guest in compiled code', (test) => {
  if (!hasCompiler) return test.skip('runs as in the interpreter', noCompiler)

  for (const name of guests) {
    test(`${name} does what it does in the interpreter`, async () => {
      await using b = await shellInFolder()
      const bytes = await textGuest(name)
      const expected = await ending(await b.shell.run(bytes, interpreted))

      assert.equal(await ending(await b.shell.run(bytes, compiled)), expected)
    })

    test(`${name} stops at each stable point, and goes on`, async () => {
      await using b = await shellInFolder()
      const bytes = await textGuest(name)
      const expected = await ending(await b.shell.run(bytes, interpreted))
      let stops = 0

      const guest = await b.shell.run(bytes, { ...compiled, paused: true })
      const end = await ending(guest, (one) => {
        stops++
        one.resume()
        void one.pause().catch(() => undefined) // at the next one, or never
      })

      assert.equal(end, expected)
      assert.ok(stops > 0)
    })
  }
}, 60_000)

suite('Snapshot of compiled code', (test) => {
  if (!hasCompiler) return test.skip('recovers in either engine', noCompiler)

  for (const name of ['calls', 'host-calls', 'loops', 'multi-value', 'references']) {
    test(`${name}: taken in compiled code at any point, recovered in either engine`, async () => {
      await using b = await shellInFolder()
      const bytes = await textGuest(name)
      const expected = await ending(await b.shell.run(bytes, interpreted))
      const guest = await b.shell.run(bytes, { ...compiled, paused: true })
      let before = ''
      guest.stdout?.on('data', (chunk: Buffer) => {
        before += chunk.toString('latin1')
      })
      guest.stderr?.resume()
      let snapshots = 0
      for (await guest.wait(); guest.state === 'paused'; await guest.wait()) {
        if (snapshots++ < 12) {
          await guest.whenWritten()
          await guest.snapshot('here', { sync: false, force: true })
          for (const engine of [{ engine: 'interp' }, everywhere] as const) {
            const { stdout, outcome } = await ending(await b.shell.recover('here', engine))
            assert.equal({ stdout: before + stdout, outcome }, expected)
          }
        }
        guest.resume()
        void guest.pause().catch(() => undefined)
      }
      assert.ok(snapshots > 0)
    })
  }
}, 60_000)

suite('References to functions', (test) => {
  if (!hasCompiler) return test.skip('are arguments and results', noCompiler)

  test('are arguments and results by the numbers of the original module', async () => {
    await using b = await shellInFolder()
    const bytes = await textGuest('references')
    // 0 is the function of the host, 1 and 2 are the numbers that they give.
    for (const [given, number] of [
      ['1', '1'],
      ['2', '2'],
      ['null', '9'],
    ] as const) {
      const invoked = { invoke: 'pass', invokeArgs: [given] }
      for (const engine of ['interp', 'aot'] as const) {
        const guest = await b.shell.run(bytes, { ...interpreted, ...invoked, engine })
        assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
        assert.equal(
          guest.results.map(({ text }) => text),
          [given, number],
        )
      }
    }
  })
}, 60_000)

const loop = `(module (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (loop $again
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 100))))))`

suite('Compiler', (test) => {
  if (!hasCompiler) return test.skip('makes damaged code anew', noCompiler)

  test('makes damaged code anew, and never loads it', async () => {
    const bytes = await compileWat(loop)
    await using folder = await temporaryDirectory()
    for (const damage of ['none', 'code.aot', 'points.bin', 'build.json', 'seal.json']) {
      const shell = await openShell({ home: folder.path })
      const phases: string[] = []
      const options = { ...compiled, onCompile: (phase: string) => void phases.push(phase) }
      const cache = join(folder.path, 'compiled')
      if (damage !== 'none') {
        const [entry = ''] = await readdir(cache)
        const file = join(cache, entry, damage)
        const contents = await readFile(file)
        contents[contents.length >> 1] = (contents[contents.length >> 1] ?? 0) ^ 1
        await writeFile(file, contents)
      }

      assert.equal(await ending(await shell.run(bytes, options)), { stdout: '', outcome: '0' })

      assert.equal(phases, ['prepare', 'load', 'generate', 'optimize', 'emit', 'ready'], damage)
      await shell.close()
    }
  })

  test('makes code anew whose table of traps is damaged, when that is asked for', async () => {
    await using b = await shellInFolder()
    const bytes = await compileWat(loop)
    const { directory } = await b.shell.compile(bytes)
    assert.is((await b.shell.compile(bytes)).isCached, true)
    const file = join(directory, 'traps.bin')
    const whole = await readFile(file)
    const damaged = Buffer.from(whole)
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
    await writeFile(file, damaged)
    assert.is((await b.shell.compile(bytes)).isCached, false)
    assert.equal(await readFile(file), whole)
  })

  test('says what it cannot compile', async () => {
    await using b = await shellInFolder()
    const shared = await compileWat(`(module (memory (export "memory") 1 1 shared)
      (func (export "_start") (loop $l (br_if $l (i32.load (i32.const 0))))))`)
    await rejectsCode('ERR_WASMSH_UNSUPPORTED_FEATURE', () => b.shell.run(shared, compiled))
  })

  test('reports a trap in compiled code, whose frames are gone; without its table, not where', async () => {
    await using b = await shellInFolder()
    const bytes = await compileWat(`(module (memory (export "memory") 1)
        (func (export "_start") (i32.store (i32.const 65536) (i32.const 1))))`)

    const guest = await b.shell.run(bytes, compiled)
    await guest.wait()

    assert.is(guest.state, 'trapped')
    assert.equal(guest.trap, {
      reason: 'out of bounds memory access',
      function: 0,
      pc: 6,
      callers: [],
    })
    assert.equal(guest.frames(), [])
    await rejectsCode('ERR_WASMSH_COMPILED_TRAP', () => guest.snapshot('no'))
    guest.resume()
    await rejectsCode('ERR_WASMSH_COMPILED_TRAP', () => guest.wait())

    const cache = join(b.home, 'compiled')
    const [entry = ''] = await readdir(cache)
    const table = join(cache, entry, 'traps.bin')
    const contents = await readFile(table)
    contents[contents.length - 1] = (contents.at(-1) ?? 0) ^ 1
    await writeFile(table, contents)
    const next = await b.shell.run(bytes, compiled)
    await next.wait()
    assert.equal(next.trap, {
      reason: 'out of bounds memory access',
      function: null,
      pc: null,
      callers: [],
    })
    await next.kill()
  })
}, 180_000)
