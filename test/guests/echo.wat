;; Copies its input to its output, five bytes at a time in two pieces, until the end of input.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\02\00\00\00\42\00\00\00\03\00\00\00")
  (data (i32.const 16) "\40\00\00\00")
  (global $total (mut i32) (i32.const 0))
  (func (export "_start")
    (loop $again
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 32))
        (then (call $proc_exit (i32.const 1))))
      (if (i32.eqz (i32.load (i32.const 32)))
        (then (call $proc_exit (global.get $total))))
      (global.set $total (i32.add (global.get $total) (i32.load (i32.const 32))))
      (i32.store (i32.const 20) (i32.load (i32.const 32)))
      (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 36)))
      (br $again))))
