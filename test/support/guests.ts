/** Guests of the tests, as text; each shows one behaviour. */

const wasi = (name: string, params: string): string =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`

/** Writes the digits 0 to 9 in turn, `count` times, a line each, and adds them up in a global. */
export const counter = (count: number): string => `(module
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (global $total (export "total") (mut i32) (i32.const 0))
  (func $digit (param $n i32)
    (i32.store8 (i32.const 100) (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
    (i32.store8 (i32.const 101) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 2))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start") (local $i i32)
    (loop $again
      (global.set $total (i32.add (global.get $total) (local.get $i)))
      (call $digit (local.get $i))
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${count}))))))`

/** Copies its input to its output until the end, 1000 bytes at a time, then exits with 3. */
export const copier = `(module
  ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1024))
    (loop $again
      (i32.store (i32.const 4) (i32.const 1000))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.eqz (i32.load (i32.const 8))) (then (call $proc_exit (i32.const 3))))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $again))))`

/** Never ends, and never calls the host. */
export const spinner = `(module
  (memory (export "memory") 1)
  (global $turns (mut i64) (i64.const 0))
  (func (export "_start")
    (loop $again
      (global.set $turns (i64.add (global.get $turns) (i64.const 1)))
      (br $again))))`

/** Calls itself until its stack is full. */
export const recursion = `(module
  (memory (export "memory") 1)
  (func $deeper (export "_start") (call $deeper) (nop)))`

/** Traps with "unreachable" two calls deep. */
export const trapper = `(module
  (memory (export "memory") 1)
  (func $inner (param $why i32) (unreachable))
  (func $outer (call $inner (i32.const 42)))
  (func (export "_start") (call $outer)))`

/** Writes without end. */
export const flood = `(module
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 60000))
    (loop $again
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $again))))`

/** Writes `count` blocks of 60000 bytes, each of a byte of its own. */
export const writer = (count: number): string => `(module
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (func (export "_start") (local $block i32)
    (loop $again
      (memory.fill (i32.const 100) (local.get $block) (i32.const 60000))
      (i32.store (i32.const 0) (i32.const 100))
      (i32.store (i32.const 4) (i32.const 60000))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $again (i32.lt_u
        (local.tee $block (i32.add (local.get $block) (i32.const 1))) (i32.const ${count}))))))`

/** Exports that are called by name. */
export const exporter = `(module
  (func (export "add") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
    (i32.add (local.get 0) (i32.const 1))
    (i64.add (local.get 1) (i64.const 1))
    (f32.add (local.get 2) (f32.const 1))
    (f64.add (local.get 3) (f64.const 1))))`

/** Appends its input to "log" in its directory, a byte at a time, and writes the size to its
 *  output at the end: holds an open file across every pause. */
export const logger = `(module
  ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "log")
  (global $size (mut i32) (i32.const 0))
  (func (export "_start") (local $fd i32)
    ;; fd 3, follow links, "log", CREAT, all rights, no flags
    (drop (call $path_open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 3) (i32.const 1)
      (i64.const 0x1fffffff) (i64.const 0x1fffffff) (i32.const 0) (i32.const 16)))
    (local.set $fd (i32.load (i32.const 16)))
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 1))
    (loop $again
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.load (i32.const 8)) (then
        (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
        (global.set $size (i32.add (global.get $size) (i32.const 1)))
        (br $again))))
    (i32.store8 (i32.const 32) (i32.add (i32.const 48) (global.get $size)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`

/** Copies the first 16 bytes of its input to its output. */
export const peek = `(module
  ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`

/** Calls its host in a few ways: opens a file that it makes and one that is not there, moves about in
 *  the first, renames it and exits with 0. */
export const visitor = `(module
  ${wasi('path_open', 'i32 i32 i32 i32 i32 i64 i64 i32 i32')}
  ${wasi('fd_seek', 'i32 i64 i32 i32')}
  ${wasi('path_rename', 'i32 i32 i32 i32 i32 i32')}
  ${wasi('fd_close', 'i32')}
  (memory (export "memory") 1)
  (data (i32.const 100) "notes.txtmissingkept.txt")
  (func $open (param $path i32) (param $length i32) (param $oflags i32)
    (drop (call $path_open (i32.const 3) (i32.const 1) (local.get $path) (local.get $length)
      (local.get $oflags) (i64.const 0x6e) (i64.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (call $open (i32.const 100) (i32.const 9) (i32.const 9))
    (call $open (i32.const 109) (i32.const 7) (i32.const 0))
    (drop (call $fd_seek (i32.const 4) (i64.const -5) (i32.const 2) (i32.const 16)))
    (drop (call $fd_seek (i32.const 4) (i64.const 12) (i32.const 0) (i32.const 16)))
    (drop (call $path_rename (i32.const 3) (i32.const 100) (i32.const 9)
      (i32.const 3) (i32.const 116) (i32.const 8)))
    (drop (call $fd_close (i32.const 4)))))`

/** Asks for the time without end. */
export const asker = `(module
  ${wasi('clock_time_get', 'i32 i64 i32')}
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $again
      (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 8)))
      (br $again))))`

/** Grows its memory by 1000 pages at a time, then by single ones, until it gets no more, writes to
 *  the last byte and traps with an access behind it. Its size in pages is left in a global. */
export const grower = `(module
  (memory (export "memory") 1)
  (global $pages (export "pages") (mut i32) (i32.const 0))
  (func (export "_start")
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1000)) (i32.const -1))))
    (loop $last (br_if $last (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (global.set $pages (memory.size))
    (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) (i32.const 7))
    (drop (i32.load8_u offset=1
      (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1))))))`

/** A loop that nothing ends, one instruction over the end of its memory. */
export const stray = `(module
  (memory (export "memory") 1)
  (func (export "_start") (drop (i32.load offset=65533 (i32.const 0)))))`

/** Sleeps `rounds` times for 20 ms, and exits with 1 if any was shorter by the guest's own clock. */
export const sleeper = (rounds: number): string => `(module
  ${wasi('poll_oneoff', 'i32 i32 i32 i32')}
  ${wasi('clock_time_get', 'i32 i64 i32')}
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $now (result i64)
    (drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 512)))
    (i64.load (i32.const 512)))
  (func (export "_start") (local $round i32) (local $before i64)
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 20000000))
    (loop $again
      (local.set $before (call $now))
      (if (call $poll_oneoff (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 400))
        (then (call $proc_exit (i32.const 2))))
      (if (i64.lt_u (i64.sub (call $now) (local.get $before)) (i64.const 20000000))
        (then (call $proc_exit (i32.const 1))))
      (br_if $again (i32.lt_u
        (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const ${rounds}))))))`

/** Waits `rounds` times for 20 ms on an address that nobody notifies; exits with 1 unless each ends
 *  by its time-out. */
export const waiter = (rounds: number): string => `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1 1 shared)
  (func (export "_start") (local $round i32)
    (loop $again
      (if (i32.ne (i32.const 2)
            (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const 20000000)))
        (then (call $proc_exit (i32.const 1))))
      (br_if $again (i32.lt_u
        (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const ${rounds}))))))`

/** Computes for a while (a linear congruential generator, `rounds` steps) and writes the eight bytes
 *  of the result. */
export const cruncher = (rounds: number): string => `(module
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (global $state (export "state") (mut i64) (i64.const 1))
  (func (export "_start") (local $round i32)
    (loop $again
      (global.set $state (i64.add (i64.const 1442695040888963407)
        (i64.mul (global.get $state) (i64.const 6364136223846793005))))
      (br_if $again (i32.lt_u
        (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const ${rounds}))))
    (i64.store (i32.const 64) (global.get $state))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 8))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`

/** Reads its input once without waiting for it, and writes what it got, or "nothing" (6 is again). */
export const hasty = `(module
  ${wasi('fd_fdstat_set_flags', 'i32 i32')}
  ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (data (i32.const 1000) "nothing")
  (func (export "_start")
    (drop (call $fd_fdstat_set_flags (i32.const 0) (i32.const 4)))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 100))
    (if (i32.eq (i32.const 6)
          (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (then (i32.store (i32.const 0) (i32.const 1000)) (i32.store (i32.const 4) (i32.const 7)))
      (else (i32.store (i32.const 4) (i32.load (i32.const 8)))))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`
