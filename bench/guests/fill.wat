;; Touches a given number of 64 KiB pages with contents that differ from page to page; then counts for ever.
(module
  (memory (export "memory") 1)
  (global $random (mut i64) (i64.const 88172645463325252))
  (global $filled (export "filled") (mut i32) (i32.const 0))
  (func $next (result i64)
    (global.set $random
      (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 13))))
    (global.set $random
      (i64.xor (global.get $random) (i64.shr_u (global.get $random) (i64.const 7))))
    (global.set $random
      (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 17))))
    (global.get $random))
  (func (export "fill") (param $pages i32) (local $at i32) (local $end i32)
    (drop (memory.grow (i32.sub (local.get $pages) (i32.const 1))))
    (loop $block
      (i64.store (local.get $at) (call $next))
      (br_if $block
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))
    (local.set $end (i32.mul (local.get $pages) (i32.const 65536)))
    (block $done
      (loop $pages
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (memory.copy (local.get $at) (i32.const 0) (i32.const 4096))
        (i64.store (local.get $at) (call $next))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br $pages)))
    (global.set $filled (i32.const 1))
    (loop $spin ;; counts its turns in the first word
      (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (i64.const 1)))
      (br $spin))))
