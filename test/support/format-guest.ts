import { mkdir } from 'node:fs/promises'
import type { SnapshotEntry } from '../../src/core/snapshot/snapshot-entry.js'
import type { Shell } from '../../src/index.js'
import { compileWat } from './wat.js'

/**
 * A guest that has something of everything that a snapshot holds: values of all types, several
 * frames with operands, a start function, a table with a hole, dropped segments, a preopened
 * directory, arguments, environment, a blocked read and, at last, a trap.
 */
const program = `(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 3)
  (data (i32.const 0x100) "hello ")
  (data $late "dropped")
  (table 4 funcref)
  (elem (i32.const 1) $sum $print)
  (elem $unused func $sum)
  (global $count (mut i32) (i32.const 0))
  (global $large (mut i64) (i64.const -9223372036854775808))
  (global $single (mut f32) (f32.const nan:0x200001))
  (global $double (mut f64) (f64.const -0))
  (global $function (mut funcref) (ref.func $sum))
  (global $outside (mut externref) (ref.null extern))
  (type $binary (func (param i32 i32) (result i32)))
  (start $prepare)
  (func $prepare
    (memory.init $late (i32.const 0x20000) (i32.const 0) (i32.const 7))
    (data.drop $late)
    (elem.drop $unused)
    (global.set $count (i32.const 40)))
  (func $sum (param $a i32) (param $b i32) (result i32)
    (local $real f64) (local $reference funcref)
    (local.set $real (f64.const 0.1))
    (i32.add (local.get $a) (local.get $b)))
  (func $print (param $address i32) (param $length i32) (result i32)
    (i32.store (i32.const 0) (local.get $address))
    (i32.store (i32.const 4) (local.get $length))
    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func $deep (param $depth i32) (result i32)
    (if (result i32) (i32.eqz (local.get $depth))
      (then (call_indirect (type $binary) (i32.const 0x100) (i32.const 6) (i32.const 2)))
      (else (i32.add (i32.const 1) (call $deep (i32.sub (local.get $depth) (i32.const 1)))))))
  (func (export "_start") (local $got i32)
    (global.set $count (call_indirect (type $binary)
      (global.get $count) (call $deep (i32.const 3)) (i32.const 1)))
    (i32.store8 (i32.const 0x10000) (global.get $count))
    (i32.store (i32.const 0) (i32.const 0x200))
    (i32.store (i32.const 4) (i32.const 64))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $print (i32.const 0x200) (i32.load (i32.const 8))))
    (drop (call_indirect (type $binary) (i32.const 1) (i32.const 2) (i32.const 3)))))`

/** Stores it at four places: in the start function, deep in calls, in a blocked read, trapped. */
export async function takeFormatSnapshots(
  shell: Shell,
  data: string,
): Promise<readonly SnapshotEntry[]> {
  await mkdir(data, { recursive: true })
  const guest = await shell.run(await compileWat(program), {
    file: 'format.wasm',
    name: 'format',
    args: ['one', 'zwei ü'],
    env: { KEY: 'value' },
    dirs: [{ host: data, guest: '/data' }],
    deterministic: true,
    pauseAt: 3n,
  })
  guest.stdout?.resume()
  await guest.wait()
  const start = await guest.snapshot('start')
  guest.resume({ pauseAt: 30n })
  await guest.wait()
  guest.set('local 0', 2)
  const deep = await guest.snapshot('deep')
  guest.resume()
  while (guest.info().hostCall === null) await new Promise((done) => setImmediate(done))
  await guest.pause()
  const waiting = await guest.snapshot('waiting')
  guest.resume()
  guest.stdin?.end('world')
  await guest.wait()
  const trapped = await guest.snapshot('trapped')
  await guest.kill()
  return [start, deep, waiting, trapped]
}
