;; Integer arithmetic and rotations in one straight loop: FNV-1a with a mix, 64 bits.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32) (local $h i64)
    (local.set $h (i64.const 0xcbf29ce484222325))
    (loop $bytes
      (local.set $h (i64.mul
        (i64.xor (local.get $h) (i64.load8_u (i32.and (local.get $i) (i32.const 65535))))
        (i64.const 0x100000001b3)))
      (local.set $h (i64.xor (i64.rotl (local.get $h) (i64.const 23))
                             (i64.shr_u (local.get $h) (i64.const 31))))
      (br_if $bytes
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000000))))
    (i64.store (i32.const 0) (local.get $h))))
