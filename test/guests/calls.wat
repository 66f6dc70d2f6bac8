;; Calls: recursion of one function and of two in turn, many parameters, results left on the stack.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\18\00\00\00")

  (func $fibonacci (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))
          (call $fibonacci (i32.sub (local.get $n) (i32.const 2)))))))

  (func $even (param $n i64) (result i32)
    (if (result i32) (i64.eqz (local.get $n))
      (then (i32.const 1))
      (else (call $odd (i64.sub (local.get $n) (i64.const 1))))))
  (func $odd (param $n i64) (result i32)
    (local $unused f64) (local $also_unused i32)
    (if (result i32) (i64.eqz (local.get $n))
      (then (i32.const 0))
      (else (call $even (i64.sub (local.get $n) (i64.const 1))))))

  (func $mix (param i32 i64 f32 f64 i32 i64 f32 f64) (result f64)
    (local $sum f64)
    (local.set $sum (f64.add (f64.convert_i32_s (local.get 0)) (f64.convert_i64_s (local.get 1))))
    (local.set $sum (f64.add (local.get $sum) (f64.promote_f32 (local.get 2))))
    (local.set $sum (f64.add (local.get $sum) (local.get 3)))
    (local.set $sum (f64.sub (local.get $sum) (f64.convert_i32_u (local.get 4))))
    (local.set $sum (f64.sub (local.get $sum) (f64.convert_i64_u (local.get 5))))
    (f64.mul (local.get $sum)
      (f64.sub (f64.promote_f32 (local.get 6)) (local.get 7))))

  (func $nothing)

  (func (export "_start")
    (i64.const 16)
    (i32.const 16)
    (i32.store (call $fibonacci (i32.const 5)))
    (i32.wrap_i64)
    (i32.store offset=4 (call $even (i64.const 7)))
    (call $nothing)
    (f64.store (i32.const 24)
      (call $mix (i32.const -1) (i64.const 2) (f32.const 3.5) (f64.const 4)
        (i32.const 5) (i64.const 6) (f32.const 7) (f64.const -8)))
    (i32.store (i32.const 32) (i32.const 0x2a))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
