;; br_table out of blocks and back to loops, with and without values, the default included.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\08\00\00\00")

  (func $choose (param $case i32) (result i32)
    (block $default
      (block $two
        (block $one
          (block $zero
            (br_table $zero $one $two $one $default (local.get $case)))
          (return (i32.const 100)))
        (return (i32.const 101)))
      (return (i32.const 102)))
    (i32.const -1))

  (func $valued (param $case i32) (result i64)
    (block $outer (result i64)
      (i64.add (i64.const 1)
        (block $inner (result i64)
          (i64.add (i64.const 10)
            (block $innermost (result i64)
              (br_table $innermost $inner $outer (i64.const 500) (local.get $case))))))))

  ;; A little machine: 0 adds, 1 doubles, 2 goes on, anything else stops.
  (func $machine (param $program i32) (result i32) (local $value i32)
    (block $stop
      (loop $step
        (block $skip
          (block $double
            (block $add
              (br_table $add $double $skip $stop (i32.and (local.get $program) (i32.const 3))))
            (local.set $value (i32.add (local.get $value) (i32.const 1)))
            (br $skip))
          (local.set $value (i32.shl (local.get $value) (i32.const 1))))
        (local.set $program (i32.shr_u (local.get $program) (i32.const 2)))
        (br $step)))
    (local.get $value))

  (func (export "_start") (local $i i32)
    (loop $next
      (i32.store8 offset=16 (local.get $i) (call $choose (local.get $i)))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 6))))
    (i64.store16 (i32.const 22)
      (i64.add (call $valued (i32.const 0))
        (i64.add (call $valued (i32.const 1)) (call $valued (i32.const 99)))))
    (i32.store8 (i32.const 23) (call $machine (i32.const 0x364)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
