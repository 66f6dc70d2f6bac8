/** Edits and comparison of stored snapshots, on real guests. */
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import * as assert from 'uvu/assert'
import { openShell, type Shell } from '../../../src/index.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

/** Prints the digit in `local 0` + `global 0` + memory[0x10] + table element's result. */
const program = `(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "\\20\\00\\00\\00\\01\\00\\00\\00")
  (global $bias (mut i32) (i32.const 1))
  (global $fixed i32 (i32.const 48))
  (table 2 funcref)
  (elem (i32.const 0) $one $two)
  (type $digit (func (result i32)))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $start (export "_start") (local $seed i32) (local $big i64) (local $real f64)
    (local.set $seed (i32.const 1))
    (i32.store8 (i32.const 0x20)
      (i32.add (global.get $fixed)
        (i32.add (i32.add (local.get $seed) (global.get $bias))
          (i32.add (i32.load8_u (i32.const 0x10))
            (call_indirect (type $digit) (i32.const 0))))))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`

interface Bench extends AsyncDisposable {
  readonly shell: Shell
  /** Recovers a snapshot and gives what it prints. */
  output(snapshot: string): Promise<string>
}

/** A shell with "base": the guest stands behind its second instruction. */
async function bench(): Promise<Bench> {
  const folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store') })
  const guest = await shell.run(await compileWat(program), { pauseAt: 2n, stdin: 'null' })
  await guest.wait()
  await guest.snapshot('base')
  await guest.kill()
  return {
    shell,
    async output(snapshot) {
      const recovered = await shell.recover(snapshot)
      if (recovered.stdout === null) throw new Error('There is no output')
      const printed = text(recovered.stdout)
      const outcome = await recovered.wait()
      assert.equal(outcome, { kind: 'ended', code: 0 })
      return printed
    },
    async [Symbol.asyncDispose]() {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

suite('Store.setStored', (test) => {
  test('writes children that go on with the change', async () => {
    await using b = await bench()
    const { store } = b.shell
    assert.is(await b.output('base'), '3')

    const local = { kind: 'local', thread: 0, frame: 0, index: 0, bits: 4n } as const
    await store.setStored('base', local, { name: 'local' })
    await store.setStored('local', { kind: 'global', index: 0, bits: 2n }, { name: 'global' })
    const byte = { kind: 'memory', memory: 0, address: 0x10n, bytes: Uint8Array.of(1) } as const
    await store.setStored('global', byte, { name: 'memory', target: 'u8[0x10]' })
    await store.setStored(
      'memory',
      { kind: 'table', table: 0, index: 0, bits: 2n },
      { name: 'table' },
    )

    assert.is(await b.output('local'), '6')
    assert.is(await b.output('global'), '7')
    assert.is(await b.output('memory'), '8')
    assert.is(await b.output('table'), '9')
    assert.is(await b.output('base'), '3', 'the parent stays as it was')
    assert.equal((await store.check()).problems, [])
    const { manifest } = await store.get('table')
    assert.equal(
      manifest.edits.map((edit) => `${edit.target} ${edit.type} ${edit.old} ${edit.new}`),
      ['local 0 i32 1 4', 'global 0 i32 1 2', 'u8[0x10] u8 0 1', 'table 0[0] funcref 1 2'],
    )
  })

  test('moves the pc to where the operands fit, and nowhere else', async () => {
    await using b = await bench()
    const { store } = b.shell
    const { pc } = (await store.view('base')).threads[0]?.frames[0] ?? { pc: 0 }

    await store.setStored('base', { kind: 'pc', thread: 0, pc: 0 }, { name: 'again' })

    assert.is(await b.output('again'), '3')
    for (const wrong of [1, pc + 1, 100_000]) {
      await rejectsCode('ERR_WASMSH_EDIT_VALUE', () =>
        store.setStored('base', { kind: 'pc', thread: 0, pc: wrong }),
      )
    }
  })
}, 60_000)

suite('an edit of a stored snapshot', (test) => {
  test('is refused for what does not exist or does not fit', async () => {
    await using b = await bench()
    const { store } = b.shell
    const slot = { thread: 0, frame: 0, bits: 0n }
    const set = (edit: Parameters<typeof store.setStored>[1]) => store.setStored('base', edit)
    const target = 'ERR_WASMSH_EDIT_TARGET'
    const value = 'ERR_WASMSH_EDIT_VALUE'

    await rejectsCode(target, () => set({ kind: 'local', ...slot, index: 3 }))
    await rejectsCode(target, () => set({ kind: 'local', ...slot, index: 0, frame: 1 }))
    await rejectsCode(target, () => set({ kind: 'local', ...slot, index: 0, frame: -1 }))
    await rejectsCode(target, () => set({ kind: 'local', ...slot, index: 0, thread: 7 }))
    await rejectsCode(target, () => set({ kind: 'operand', ...slot, index: 50 }))
    await rejectsCode(target, () => set({ kind: 'global', index: 9, bits: 0n }))
    await rejectsCode(target, () => set({ kind: 'global', index: 1, bits: 0n }))
    await rejectsCode(target, () => set({ kind: 'table', table: 0, index: 2, bits: 0n }))
    await rejectsCode(value, () => set({ kind: 'local', ...slot, index: 0, bits: 1n << 32n }))
    await rejectsCode(value, () => set({ kind: 'local', ...slot, index: 0, bits: -1n }))
    await rejectsCode(value, () => set({ kind: 'table', table: 0, index: 0, bits: 99n }))
    const far = { kind: 'memory', memory: 0, address: 131_072n, bytes: new Uint8Array(1) } as const
    await rejectsCode('ERR_WASMSH_MEMORY_RANGE', () => set(far))
    await rejectsCode('ERR_WASMSH_MEMORY_RANGE', () => set({ ...far, memory: 1, address: 0n }))
    assert.is((await store.list()).length, 1)
  })

  test('can follow more of them than a chain of images may have', async () => {
    await using b = await bench()
    const { store } = b.shell
    let last = 'base'
    for (let step = 1; step <= 12; step++) {
      const bytes = Uint8Array.of(step)
      const address = BigInt(step * 4096)
      last = (await store.setStored(last, { kind: 'memory', memory: 0, address, bytes })).name
    }

    const { manifest } = await store.get(last)
    assert.ok((manifest.memories[0]?.images.length ?? 99) <= 8)
    for (let step = 1; step <= 12; step++) {
      assert.equal(await store.readMemory(last, 0, BigInt(step * 4096), 1), Uint8Array.of(step))
    }
    assert.is(await b.output(last), '3')
    assert.equal((await store.check()).problems, [])
  })
}, 60_000)

suite('Store.diff', (test) => {
  test('finds nothing between a snapshot and itself', async () => {
    await using b = await bench()

    const diff = await b.shell.store.diff('base', 'base')

    assert.is(diff.same, true)
    assert.equal(diff.clocks, [])
  })

  test('names every change by its place', async () => {
    await using b = await bench()
    const { store } = b.shell
    const local = {
      kind: 'local',
      thread: 0,
      frame: 0,
      index: 2,
      bits: 0x8000000000000000n,
    } as const
    await store.setStored('base', local, { name: 'one' })
    await store.setStored('one', { kind: 'global', index: 0, bits: 0xffffffffn }, { name: 'two' })
    await store.setStored(
      'two',
      { kind: 'table', table: 0, index: 1, bits: -1n },
      { name: 'three' },
    )
    const patch = {
      kind: 'memory',
      memory: 0,
      address: 0x1fffen,
      bytes: Buffer.from('hi'),
    } as const
    await store.setStored('three', patch, { name: 'four' })

    const diff = await store.diff('base', 'four')

    assert.is(diff.same, false)
    assert.equal(diff.memories, [
      {
        memory: 0,
        bytes: { a: 131_072, b: 131_072 },
        ranges: [{ address: 0x1fffen, length: 2n }],
        truncated: false,
      },
    ])
    assert.equal(diff.globals, [
      { instance: 0, index: 0, a: { type: 'i32', value: '1' }, b: { type: 'i32', value: '-1' } },
    ])
    assert.equal(diff.tables, [
      {
        instance: 0,
        table: 0,
        size: { a: 2, b: 2 },
        elements: [{ index: 1, a: 2, b: -1 }],
        truncated: false,
      },
    ])
    assert.equal(diff.threads[0]?.frames[0]?.locals, [
      { index: 2, a: { type: 'f64', value: '0' }, b: { type: 'f64', value: '-0' } },
    ])
    assert.is(diff.threads[0]?.status, null)
    assert.equal([diff.other, diff.clocks, diff.descriptors], [[], [], []])
  })

  test('tells how far two pauses of one run are apart', async () => {
    await using b = await bench()
    const guest = await b.shell.recover('base', { paused: true })
    await guest.step(2)
    await guest.snapshot('later')

    const { threads, same } = await b.shell.store.diff('base', 'later')

    assert.is(same, false)
    const [frame] = threads[0]?.frames ?? []
    assert.is(frame?.depth, 0)
    assert.ok((frame?.pc.b ?? 0) > (frame?.pc.a ?? 0))
    assert.is(frame?.operands.length, 2)
    assert.is(frame?.operands[0]?.a, null)
  })
}, 60_000)
