;; All its time in one nest of loops of its first function, which is not called again: a scalar product.
(module
  (memory (export "memory") 16)
  (data (i32.const 0) "\00\40\00\00")
  (func (export "_start") (local $n i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $i (i32.const 0))
      (loop $elements
        (local.set $sum (i32.add (local.get $sum)
          (i32.mul (i32.load offset=64 (i32.shl (local.get $i) (i32.const 2)))
                   (i32.load offset=524288 (i32.shl (local.get $i) (i32.const 2))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $elements (i32.lt_u (local.get $i) (i32.load (i32.const 0)))))
      (i32.store (i32.const 16) (local.get $sum))
      (br_if $again
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 150000))))))
