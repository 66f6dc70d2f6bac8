;; A bytecode interpreter: br_table and indirect calls, driven by a linear congruence.
(module
  (memory (export "memory") 1)
  (type $operation (func (param i32) (result i32)))
  (table funcref (elem $increment $double $complement $shift))
  (func $increment (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $complement (param i32) (result i32) (i32.xor (local.get 0) (i32.const -1)))
  (func $shift (param i32) (result i32) (i32.shr_u (local.get 0) (i32.const 3)))
  (func (export "_start") (local $i i32) (local $state i32) (local $value i32)
    (loop $instructions
      (local.set $state (i32.add (i32.mul (local.get $state) (i32.const 1664525))
                                 (i32.const 1013904223)))
      (block $next
        (block $indirect
          (block $add
            (block $subtract
              (br_table $subtract $add $indirect $indirect
                (i32.shr_u (local.get $state) (i32.const 30))))
            (local.set $value (i32.sub (local.get $value) (local.get $state)))
            (br $next))
          (local.set $value (i32.add (local.get $value) (local.get $state)))
          (br $next))
        (local.set $value (call_indirect (type $operation) (local.get $value)
          (i32.and (i32.shr_u (local.get $state) (i32.const 28)) (i32.const 3)))))
      (br_if $instructions
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1500000))))
    (i32.store (i32.const 0) (local.get $value))))
