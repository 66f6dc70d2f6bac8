;; Recursive calls: fib(31), and fib(32) when it is done again. What it is called with hangs on the
;; memory, so that no compiler calls it once for several turns.
(module
  (memory (export "memory") 1)
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                     (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func (export "_start")
    (i32.store (i32.const 0) (call $fib
      (i32.add (i32.const 31) (i32.and (i32.load (i32.const 0)) (i32.const 1)))))))
