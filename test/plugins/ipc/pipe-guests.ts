/** Guests that write to and read from descriptors that they are given. */
const wasi = (name: string, params: string): string =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`
const exit = '(import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))'

/** Bytes of which each piece tells where it belongs. */
export function sequence(total: number): Buffer {
  return Buffer.from(Array.from({ length: total }, (_, at) => (at * 7 + (at >> 8)) & 255))
}

/** Writes `total` bytes of the sequence to a descriptor, `piece` at a time, and exits with the first
 *  error that a write gives. */
export const sender = (fd: number, total: number, piece: number): string => `(module
  ${wasi('fd_write', 'i32 i32 i32 i32')} ${exit}
  (memory (export "memory") 4)
  (func $fill (param $from i32) (param $count i32) (local $i i32) (local $at i32)
    (loop $again
      (local.set $at (i32.add (local.get $from) (local.get $i)))
      (i32.store8 (i32.add (i32.const 1024) (local.get $i))
        (i32.add (i32.mul (local.get $at) (i32.const 7)) (i32.shr_u (local.get $at) (i32.const 8))))
      (br_if $again (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count)))))
  (func (export "_start") (local $sent i32) (local $done i32) (local $errno i32)
    (loop $pieces
      (call $fill (local.get $sent) (i32.const ${piece}))
      (local.set $done (i32.const 0))
      (loop $rest
        (i32.store (i32.const 0) (i32.add (i32.const 1024) (local.get $done)))
        (i32.store (i32.const 4) (i32.sub (i32.const ${piece}) (local.get $done)))
        (local.set $errno
          (call $fd_write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
        (if (local.get $errno) (then (call $proc_exit (local.get $errno))))
        (local.set $done (i32.add (local.get $done) (i32.load (i32.const 8))))
        (br_if $rest (i32.lt_u (local.get $done) (i32.const ${piece}))))
      (local.set $sent (i32.add (local.get $sent) (i32.const ${piece})))
      (br_if $pieces (i32.lt_u (local.get $sent) (i32.const ${total}))))))`

/** Copies one descriptor to another until the end, `size` bytes at a time; exits with the first
 *  error. */
export const relay = (from: number, to: number, size: number): string => `(module
  ${wasi('fd_read', 'i32 i32 i32 i32')} ${wasi('fd_write', 'i32 i32 i32 i32')} ${exit}
  (memory (export "memory") 4)
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1024))
    (loop $again
      (i32.store (i32.const 4) (i32.const ${size}))
      (call $check (call $fd_read (i32.const ${from}) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.eqz (i32.load (i32.const 8))) (then (return)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (call $check (call $fd_write (i32.const ${to}) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $again))))`

/** Waits with poll_oneoff for a descriptor (type 1 to read, 2 to write), without a time limit, then
 *  exits with 10 + its rw flags; 100 + errno when that fails. */
export const poller = (fd: number, type: 1 | 2): string => `(module
  ${wasi('poll_oneoff', 'i32 i32 i32 i32')} ${exit}
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store8 (i32.const 8) (i32.const ${type}))
    (i32.store (i32.const 16) (i32.const ${fd}))
    (if (call $poll_oneoff (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200))
      (then (call $proc_exit (i32.const 99))))
    (call $proc_exit (i32.add
      (i32.add (i32.const 10) (i32.load16_u (i32.const 124)))
      (i32.mul (i32.const 90) (i32.ne (i32.load16_u (i32.const 108)) (i32.const 0)))))))`

/** Moves a descriptor over another, closes a third, and spins. */
export const mover = (from: number, to: number, closed: number): string => `(module
  ${wasi('fd_renumber', 'i32 i32')} ${wasi('fd_close', 'i32')}
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $fd_renumber (i32.const ${from}) (i32.const ${to})))
    (drop (call $fd_close (i32.const ${closed})))
    (loop $again (br $again))))`

/** Exits with 1 when the status of a descriptor tells anything of the host: device, inode, size or
 *  time; else with its type. */
export const statter = (fd: number): string => `(module
  ${wasi('fd_filestat_get', 'i32 i32')} ${exit}
  (memory (export "memory") 1)
  (func (export "_start")
    (if (call $fd_filestat_get (i32.const ${fd}) (i32.const 0)) (then (call $proc_exit (i32.const 99))))
    (if (i64.ne (i64.const 0) (i64.or
          (i64.or (i64.load (i32.const 0)) (i64.load (i32.const 8)))
          (i64.or (i64.load (i32.const 32)) (i64.load (i32.const 48)))))
      (then (call $proc_exit (i32.const 1))))
    (call $proc_exit (i32.load8_u (i32.const 16)))))`
