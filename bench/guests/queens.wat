;; Recursion with a loop in it: the 92 solutions of eight queens, by bit masks. The second argument is
;; 0, but hangs on the memory, so that no compiler calls it once for several turns.
(module
  (memory (export "memory") 1)
  (func $place (param $columns i32) (param $left i32) (param $right i32) (result i32)
    (local $free i32) (local $bit i32) (local $found i32)
    (if (i32.eq (local.get $columns) (i32.const 255)) (then (return (i32.const 1))))
    (local.set $free (i32.and (i32.const 255) (i32.xor (i32.const -1)
      (i32.or (local.get $columns) (i32.or (local.get $left) (local.get $right))))))
    (block $done
      (loop $squares
        (br_if $done (i32.eqz (local.get $free)))
        (local.set $bit (i32.and (local.get $free) (i32.sub (i32.const 0) (local.get $free))))
        (local.set $free (i32.xor (local.get $free) (local.get $bit)))
        (local.set $found (i32.add (local.get $found) (call $place
          (i32.or (local.get $columns) (local.get $bit))
          (i32.shl (i32.or (local.get $left) (local.get $bit)) (i32.const 1))
          (i32.shr_u (i32.or (local.get $right) (local.get $bit)) (i32.const 1)))))
        (br $squares)))
    (local.get $found))
  (func (export "_start") (local $n i32)
    (loop $again
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0))
        (call $place
          (i32.const 0)
          (i32.shl (i32.and (i32.load (i32.const 0)) (i32.const 1)) (i32.const 8))
          (i32.const 0))))
      (br_if $again
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))))
