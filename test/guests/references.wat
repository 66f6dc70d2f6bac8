;; References to functions, of the host too, in locals, operands, parameters and results where code
;; stops: in loops, under calls and around calls of the host.
(module
  (type $number (func (result i32)))
  (type $write (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (type $write)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\04\00\00\00")
  (table $t 4 funcref)
  (elem declare func $one $two $fd_write)
  (func $one (type $number) (i32.const 1))
  (func $two (type $number) (i32.const 2))

  ;; Turns some rounds with both in locals and one below the loop; gives them the other way round.
  (func $swap (param $a funcref) (param $b funcref) (result funcref funcref) (local $i i32)
    (local.get $b)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 3))))
    (local.get $a))

  ;; Calls a reference; a null one counts 9.
  (func $use (param $f funcref) (result i32)
    (table.set $t (i32.const 0) (local.get $f))
    (if (result i32) (ref.is_null (local.get $f))
      (then (i32.const 9))
      (else (call_indirect $t (type $number) (i32.const 0)))))

  (func $print (param $digit i32)
    (i32.store (i32.const 16) (i32.add (local.get $digit) (i32.const 0x0a203030)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func (export "_start") (local $write funcref) (local $x funcref) (local $y funcref)
    (local.set $write (ref.func $fd_write))
    (call $swap (ref.func $one) (ref.null func))
    (local.set $y) (local.set $x)
    ;; One on the operand stack while the host is called.
    (local.get $y)
    (call $print (call $use (local.get $x)))
    (call $print (call $use))
    (call $swap (call $swap (local.get $y) (ref.func $two)))
    (call $print (call $use))
    (call $print (call $use))
    (table.set $t (i32.const 1) (local.get $write))
    (drop (call_indirect $t (type $write)
      (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 1))))

  ;; Takes and gives a reference from and to the host.
  (func (export "pass") (param $f funcref) (result funcref i32) (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 100))))
    (local.get $f)
    (call $use (local.get $f))))
