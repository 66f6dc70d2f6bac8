;; Vectors in locals, operands, globals, parameters and results, across calls, loops and host calls.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (type $pair (func (param v128 i32) (result v128)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\10\00\00\00")
  (table funcref (elem $rotate $scale))
  (global $sum (mut v128) (v128.const i32x4 1 2 3 4))
  (global $step i32 (i32.const 3))
  (global $ones v128 (v128.const i64x2 0x0101010101010101 0xf1f1f1f1f1f1f1f1))
  (global $last (mut i64) (i64.const 0))

  (func $rotate (type $pair) (local $i i32)
    (loop $again
      (local.set 0 (i8x16.shuffle 15 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14
        (local.get 0) (local.get 0)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get 1))))
    (local.get 0))

  (func $scale (type $pair)
    (i32x4.mul (local.get 0) (i32x4.splat (local.get 1))))

  ;; Recursion with a vector below the call, and one as its argument.
  (func $triangle (param $n i32) (param $v v128) (result v128)
    (local.get $v)
    (if (result v128) (i32.eqz (local.get $n))
      (then (global.get $ones))
      (else
        (call $triangle (i32.sub (local.get $n) (i32.const 1))
          (i32x4.add (local.get $v) (i32x4.splat (local.get $n))))))
    (i64x2.add))

  ;; Several results, vectors among other types.
  (func $spread (param $v v128) (result v128 f32 v128 i64) (local $i i32)
    (loop $l
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 2))))
    (f32x4.convert_i32x4_s (local.get $v))
    (f32.convert_i32_u (i32x4.extract_lane 2 (local.get $v)))
    (v128.not (local.get $v))
    (i64x2.extract_lane 1 (local.get $v)))

  ;; Writes 16 bytes: a vector below the call of the host, one in a local.
  (func $print (param $v v128) (result v128)
    (v128.store (i32.const 16) (local.get $v))
    (v128.xor (local.get $v) (global.get $ones))
    (i32x4.splat (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (v128.or))

  (func (export "_start") (local $i i32) (local $v v128) (local $w v128) (local $f f32) (local $l i64)
    (local.set $v (v128.const i32x4 0x01020304 0x05060708 0x090a0b0c 0x0d0e0f10))
    (loop $turns (result)
      ;; A vector under the loop of the callee, and under this one's block.
      (local.get $v)
      (block (result v128)
        (call_indirect (type $pair) (local.get $v)
          (i32.add (local.get $i) (i32.const 2)) (i32.and (local.get $i) (i32.const 1))))
      (i16x8.add_sat_s)
      (local.set $w)
      (global.set $sum (i32x4.add (global.get $sum) (local.get $w)))
      (call $spread (call $triangle (local.get $i) (local.get $w)))
      (local.set $l) (local.set $w) (local.set $f)
      (f32x4.mul (f32x4.splat (local.get $f)))
      (v128.bitselect (local.get $w) (global.get $sum))
      (local.set $v (call $print))
      (global.set $last (i64.add (global.get $last) (local.get $l)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $turns (i32.lt_u (local.get $i) (i32.add (global.get $step) (i32.const 1)))))
    (drop (call $print (i64x2.replace_lane 0 (global.get $sum) (global.get $last))))))
