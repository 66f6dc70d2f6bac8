;; Loops in loops, with and without parameters; exits to several depths; if with and without else.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $sum (mut i64) (i64.const 0))
  (data (i32.const 0) "\10\00\00\00\0b\00\00\00")

  ;; The sum of i * j for all i, j below n with i + j odd; leaves the inner loop early above 3.
  (func $sums (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $sum i64)
    (block $done
      (loop $outer
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $j (i32.const 0))
        (block $next
          (loop $inner
            (br_if $next (i32.ge_u (local.get $j) (local.get $n)))
            (if (i32.and (i32.add (local.get $i) (local.get $j)) (i32.const 1))
              (then
                (local.set $sum
                  (i64.add (local.get $sum)
                    (i64.extend_i32_u (i32.mul (local.get $i) (local.get $j)))))
                (br_if $next (i64.gt_u (local.get $sum) (i64.const 3)))))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br $inner)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $outer)))
    (local.get $sum))

  ;; n! with the product carried on the operand stack, through the loop's parameter.
  (func $factorial (param $n i64) (result i64)
    (i64.const 1)
    (loop $again (param i64) (result i64)
      (i64.mul (local.get $n))
      (local.set $n (i64.sub (local.get $n) (i64.const 1)))
      (br_if $again (i64.gt_s (local.get $n) (i64.const 0)))))

  (func $classify (param $x i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $x) (i32.const 0))
      (then (i32.const -1))
      (else
        (if (result i32) (i32.eqz (local.get $x))
          (then (i32.const 0))
          (else (i32.const 1))))))

  (func (export "_start")
    (i64.store (i32.const 16) (call $sums (i32.const 3)))
    (global.set $sum (call $factorial (i64.const 5)))
    (i64.store (i32.const 16)
      (i64.add (i64.load (i32.const 16)) (global.get $sum)))
    (i32.store8 (i32.const 24) (call $classify (i32.const -5)))
    (i32.store8 (i32.const 25) (call $classify (i32.const 0)))
    (i32.store8 (i32.const 26) (call $classify (i32.const 7)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
