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
