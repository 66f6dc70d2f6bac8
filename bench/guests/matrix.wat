;; Floating point in nested loops: c = a * b, 128 x 128 of f64.
(module
  (memory (export "memory") 8)
  (func $at (param $base i32) (param $row i32) (param $column i32) (result i32)
    (i32.add (local.get $base)
      (i32.shl (i32.add (i32.shl (local.get $row) (i32.const 7)) (local.get $column)) (i32.const 3))))
  (func $multiply (local $i i32) (local $j i32) (local $k i32) (local $sum f64)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $k (i32.const 0))
        (local.set $sum (f64.const 0))
        (loop $products
          (local.set $sum (f64.add (local.get $sum)
            (f64.mul (f64.load (call $at (i32.const 0) (local.get $i) (local.get $k)))
                     (f64.load (call $at (i32.const 131072) (local.get $k) (local.get $j))))))
          (br_if $products
            (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 128))))
        (f64.store (call $at (i32.const 262144) (local.get $i) (local.get $j)) (local.get $sum))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 128))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 128)))))
  (func (export "_start") (local $n i32)
    (loop $fill
      (f64.store (i32.shl (local.get $n) (i32.const 3)) (f64.convert_i32_u (local.get $n)))
      (br_if $fill
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 32768))))
    (call $multiply)))
