;; A start function that calls the host, loops, and grows memory; "_initialize" and "_start" follow it.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\20\00\00\00\18\00\00\00")
  (global $phase (mut i32) (i32.const 0))

  (func $print
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func $start (local $i i32)
    (drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 32)))
    (loop $again
      (i32.store8 offset=40 (local.get $i) (i32.const 0x61))
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (drop (memory.grow (i32.const 1)))
    (call $print)
    (global.set $phase (i32.add (global.get $phase) (i32.const 1))))
  (start $start)

  (func (export "_initialize")
    (drop (call $random_get (i32.const 44) (i32.const 8)))
    (global.set $phase (i32.mul (global.get $phase) (i32.const 10))))

  (func (export "_start")
    (i32.store8 (i32.const 43) (global.get $phase))
    (drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 48)))
    (call $print)))
