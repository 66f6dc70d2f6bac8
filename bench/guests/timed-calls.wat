;; A million calls, half clock_time_get and half fd_write of one byte to a file; then writes the
;; nanoseconds of CPU time that they took to the file "elapsed".
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  ;; Two paths; at 16 an iovec of the one byte at 64, at 24 one of the 8 bytes at 72.
  (data (i32.const 0) "byteselapsed")
  (data (i32.const 16) "\40\00\00\00\01\00\00\00\48\00\00\00\08\00\00\00")
  (func $open (param $path i32) (param $length i32) (result i32)
    ;; creat and trunc, with the rights fd_read, fd_seek, fd_tell and fd_write.
    (if (call $path_open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length)
          (i32.const 9) (i64.const 102) (i64.const 0) (i32.const 0) (i32.const 32))
      (then unreachable))
    (i32.load (i32.const 32)))
  (func $now (param $clock i32) (result i64)
    (if (call $clock_time_get (local.get $clock) (i64.const 1) (i32.const 48)) (then unreachable))
    (i64.load (i32.const 48)))
  (func (export "_start") (local $i i32) (local $fd i32) (local $begin i64)
    (local.set $fd (call $open (i32.const 0) (i32.const 5)))
    (local.set $begin (call $now (i32.const 3)))
    (loop $calls
      (if (call $fd_write (local.get $fd) (i32.const 16) (i32.const 1) (i32.const 32))
        (then unreachable))
      (drop (call $now (i32.const 1)))
      (br_if $calls
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 500000))))
    (i64.store (i32.const 72) (i64.sub (call $now (i32.const 3)) (local.get $begin)))
    (if (call $fd_write (call $open (i32.const 5) (i32.const 7)) (i32.const 24) (i32.const 1)
          (i32.const 32))
      (then unreachable))))
