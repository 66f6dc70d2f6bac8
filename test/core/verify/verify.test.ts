import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { verify } from '../../../src/core/verify/verify.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import * as guests from '../../support/guests.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

interface Bench extends Disposable {
  readonly folder: string
  readonly file: string
}

async function bench(guest: string): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmsh-test-'))
  const file = join(folder, 'guest.wasm')
  writeFileSync(file, await compileWat(guest))
  return { folder, file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

/** Exits with the sum of four numbers that a plugin counts up. */
const summingGuest = `(module
  (import "numbers" "next" (func $next (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (call $exit (i32.add (i32.add (call $next) (call $next)) (i32.add (call $next) (call $next))))))`

function numbersPlugin(recover: string): string {
  return `class Tracker {
  last = 0
  imports = { numbers: { next: () => ++this.last } }
  async snapshot() { return { last: this.last } }
  async recover(state) { ${recover}; return [] }
}
export default {
  name: 'numbers',
  apiVersion: 1,
  dependsOn: [],
  creates: [],
  imports: { numbers: { next: { params: [], results: ['i32'] } } },
  state: { version: 1, migrations: {}, parse: (state) => state, format: (state) => state },
  track: () => new Tracker(),
}
`
}

suite('verify', (test) => {
  test('finds no difference at any instruction of a small program', async () => {
    using b = await bench(guests.counter(2))

    const report = await verify(b.file, { points: 1000 })

    assert.equal(report.mismatches, [])
    assert.equal(report.unstable, [])
    assert.is(report.outcome, 'ended with exit code 0')
    assert.ok(report.instructions > 50n)
    assert.is(BigInt(report.points), report.instructions)
    assert.is(report.passed, report.points)
  })

  test('takes files along, in copies of the directory', async () => {
    using b = await bench(guests.logger)
    const data = join(b.folder, 'data')
    mkdirSync(data)
    writeFileSync(join(b.folder, 'input'), 'abcdefg')

    const report = await verify(b.file, {
      points: 12,
      seed: 7n,
      dirs: [{ host: data, guest: '/' }],
      stdin: { file: join(b.folder, 'input') },
    })

    assert.equal(report.mismatches, [])
    assert.equal(report.unstable, [])
    assert.is(report.passed, 12)
    assert.equal(readdirSync(data), [])
  })

  if (!hasCompiler) test.skip('goes through compiled code', noCompiler)
  else {
    for (const [title, guest, outcome] of [
      ['goes through compiled code', guests.counter(20), /^ended with exit code 0$/],
      ['goes through compiled code to a trap', guests.trapper, /: unreachable$/],
    ] as const) {
      test(title, async () => {
        using b = await bench(guest)
        const report = await verify(b.file, { points: 10, engine: 'both' })
        assert.equal(report.mismatches, [])
        assert.equal(report.unstable, [])
        assert.ok(report.points > 0)
        assert.is(report.passed, report.points)
        assert.match(report.outcome, outcome)
      })
    }
  }

  test('says that it cannot count the instructions of a program with SIMD', async () => {
    using b = await bench(`(module (memory (export "memory") 1) (func (export "_start")
      (drop (i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4)))))`)
    for (const engine of ['interp', 'both'] as const) {
      await rejectsCode('ERR_WASMSH_NEEDS_INTERPRETER', () => verify(b.file, { engine }))
    }
  })

  test('follows a program to its trap', async () => {
    using b = await bench(guests.trapper)
    const report = await verify(b.file, { points: 100 })
    assert.equal(report.mismatches, [])
    assert.match(report.outcome, /^trapped at inner\+0x0: unreachable$/)
    assert.is(report.instructions, 4n)
    assert.is(report.passed, 4)
  })

  test('says of a program that it is never the same', async () => {
    using b = await bench(guests.peek)
    const report = await verify(b.file, { stdin: { file: '/dev/urandom' } })
    assert.equal(
      report.unstable.map(({ aspect }) => aspect),
      ['stdout'],
    )
    assert.is(report.points, 0)
  })

  test('tries just the positions that it is told', async () => {
    using b = await bench(guests.counter(2))
    const report = await verify(b.file, { at: [9n, 3n, 9n] })
    assert.is(report.points, 2)
    assert.is(report.passed, 2)
    await rejectsCode('ERR_WASMSH_OPTION_INVALID', () => verify(b.file, { at: [100_000n] }))
  })

  test('has the plugins that it is told of in every process', async () => {
    using b = await bench(summingGuest)
    const kept = join(b.folder, 'kept.mjs')
    const lost = join(b.folder, 'lost.mjs')
    writeFileSync(kept, numbersPlugin('this.last = state.last'))
    writeFileSync(lost, numbersPlugin(''))

    const report = await verify(b.file, { points: 1000, plugins: [kept] })
    assert.equal(report.mismatches, [])
    assert.is(report.outcome, 'ended with exit code 10')
    assert.is(BigInt(report.points), report.instructions)

    const { mismatches } = await verify(b.file, { points: 1000, plugins: [lost] })
    assert.ok(mismatches.length > 0)
    assert.ok(mismatches.every(({ differences }) => differences[0]?.aspect === 'outcome'))

    const name = join(b.folder, 'none.mjs')
    await rejectsCode('ERR_WASMSH_PLUGIN_FILE', () => verify(b.file, { plugins: [name] }))
    await rejectsCode('ERR_WASMSH_PLUGIN_UNKNOWN', () =>
      verify(b.file, { withoutPlugins: ['none'] }),
    )
  })

  test('throws for a program that cannot run', async () => {
    using b = await bench(guests.exporter)
    await rejectsCode('ERR_WASMSH_EXPORT_MISSING', () => verify(b.file))
    await rejectsCode('ERR_WASMSH_MODULE_FILE', () => verify(join(b.folder, 'none.wasm')))
  })

  test('ends its processes when told to', async () => {
    using b = await bench(guests.spinner)
    const abort = new AbortController()
    const verifying = verify(b.file, {
      signal: abort.signal,
      onProgress: () => setTimeout(() => abort.abort(new Error('enough')), 200),
    })
    let message = ''
    await verifying.catch((error: Error) => {
      message = error.message
    })
    assert.is(message, 'enough')
  })
}, 180_000)
