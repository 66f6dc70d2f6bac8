;; Tail calls: to itself, to others with more and fewer parameters and locals, through a table, and to
;; the host.
(module
  (type $step (func (param i32 i64) (result i64)))
  (type $write (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (type $write)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\10\00\00\00")
  (table funcref (elem $grow $shrink $fd_write))

  (func $count (param $n i32) (param $sum i64) (result i64)
    (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
    (return_call $count
      (i32.sub (local.get $n) (i32.const 1))
      (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n)))))

  (func $grow (type $step) (local $a f64) (local $b i64) (local $c i32)
    (local.set $c (i32.sub (local.get 0) (i32.const 1)))
    (local.set $b (i64.mul (local.get 1) (i64.const 3)))
    (return_call_indirect (type $step) (local.get $c) (local.get $b)
      (i32.and (local.get $c) (i32.const 1))))
  (func $shrink (type $step)
    (if (i32.le_s (local.get 0) (i32.const 0)) (then (return (local.get 1))))
    (return_call $grow (local.get 0) (i64.add (local.get 1) (i64.const 1))))

  (func $print (param $fd i32) (result i32)
    (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)
    (return_call $fd_write))
  (func $print_indirect (param $fd i32) (result i32)
    (i32.add (i32.const 7)
      (block (result i32)
        (return_call_indirect (type $write)
          (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 2)))))

  (func (export "_start")
    (i64.store (i32.const 16) (call $count (i32.const 5) (i64.const 0)))
    (i64.store (i32.const 24) (call $shrink (i32.const 5) (i64.const 1)))
    (drop (call $print (i32.const 1)))
    (drop (call $print_indirect (i32.const 2)))))
