;; Atomic operations in one thread: read-modify-write of every width, compare and exchange, fence,
;; notify without waiters, waits that end at once and by their time-outs.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (data (i32.const 0) "\10\00\00\00\30\00\00\00")
  (func (export "_start")
    (i32.atomic.store (i32.const 16) (i32.const 0x01020304))
    (i64.atomic.store (i32.const 24) (i64.const -2))
    (i32.store8 (i32.const 32) (i32.atomic.rmw8.add_u (i32.const 17) (i32.const 0xfe)))
    (i32.store16 (i32.const 34) (i32.atomic.rmw16.xchg_u (i32.const 18) (i32.const 0xbeef)))
    (i32.store (i32.const 36) (i32.atomic.rmw.sub (i32.const 16) (i32.const 5)))
    (i64.store (i32.const 40) (i64.atomic.rmw.xor (i32.const 24) (i64.const 0xff00ff)))
    (i64.store (i32.const 48) (i64.atomic.rmw32.cmpxchg_u (i32.const 28) (i64.const 0xffffffff) (i64.const 3)))
    (i32.store (i32.const 56) (i32.atomic.rmw.cmpxchg (i32.const 16) (i32.const 1) (i32.const 2)))
    (atomic.fence)
    (i32.store8 (i32.const 60) (memory.atomic.notify (i32.const 16) (i32.const 1)))
    (i32.store8 (i32.const 61) (memory.atomic.wait32 (i32.const 16) (i32.const 0) (i64.const -1)))
    (i32.store8 (i32.const 62)
      (memory.atomic.wait64 (i32.const 24) (i64.atomic.load (i32.const 24)) (i64.const 3000000)))
    (i32.store8 (i32.const 63)
      (memory.atomic.wait32 (i32.const 16) (i32.atomic.load (i32.const 16)) (i64.const 0)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
