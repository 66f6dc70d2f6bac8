;; Loads and stores of bytes: the sieve of Eratosthenes up to 2,000,000, four times.
(module
  (memory (export "memory") 32)
  (func $sieve (param $limit i32) (local $i i32) (local $j i32)
    (memory.fill (i32.const 0) (i32.const 0) (local.get $limit))
    (local.set $i (i32.const 2))
    (block $done
      (loop $candidates
        (br_if $done (i32.ge_u (i32.mul (local.get $i) (local.get $i)) (local.get $limit)))
        (if (i32.eqz (i32.load8_u (local.get $i)))
          (then
            (local.set $j (i32.mul (local.get $i) (local.get $i)))
            (loop $multiples
              (i32.store8 (local.get $j) (i32.const 1))
              (local.set $j (i32.add (local.get $j) (local.get $i)))
              (br_if $multiples (i32.lt_u (local.get $j) (local.get $limit))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $candidates))))
  (func (export "_start") (local $n i32)
    (loop $again
      (call $sieve (i32.const 2000000))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 4))))))
