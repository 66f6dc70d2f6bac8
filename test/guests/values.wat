;; Locals and globals of every type, set, tee and zero at first; select and drop of every width; the
;; stack pointer that WAMR treats in its own way; sign extension; names only the loader rewrites.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "\10\00\00\00\30\00\00\00")
  (global $__stack_pointer (mut i32) (i32.const 66560))
  (global $long (mut i64) (i64.const -5))
  (global $constant i64 (i64.const 0x0123456789abcdef))
  (global (export "__data_end") i32 (i32.const 1024))
  (global (export "__heap_base") i32 (i32.const 66560))

  (func $frame (param $x i64) (result i64) (local $saved i32)
    (global.set $__stack_pointer
      (local.tee $saved (i32.sub (global.get $__stack_pointer) (i32.const 16))))
    (i64.store offset=8 (local.get $saved) (local.get $x))
    (if (i64.gt_s (local.get $x) (i64.const 1))
      (then
        (i64.store offset=8 (local.get $saved)
          (i64.mul (local.get $x) (call $frame (i64.sub (local.get $x) (i64.const 1)))))))
    (global.set $__stack_pointer (i32.add (local.get $saved) (i32.const 16)))
    (i64.load offset=8 (local.get $saved)))

  (func $select_all (param $which i32) (result i64)
    (drop (f64.const 1))
    (drop (i32.const 1))
    (i64.xor
      (select (global.get $long) (global.get $constant) (local.get $which))
      (i64.extend_i32_s (select (i32.const 3) (i32.const -4) (local.get $which)))))

  (func $zeros (result i64) (local $a i32) (local $b i64) (local $c f32) (local $d f64)
    (local $e funcref)
    (i64.or (local.get $b)
      (i64.extend_i32_u
        (i32.or (i32.or (local.get $a) (i32.reinterpret_f32 (local.get $c)))
          (i32.or (i32.eqz (ref.is_null (local.get $e)))
            (f64.ne (local.get $d) (f64.const 0)))))))

  (func (export "_start")
    (i64.store (i32.const 16) (call $frame (i64.const 4)))
    (global.set $long (i64.rotl (global.get $long) (i64.const 7)))
    (i64.store (i32.const 24) (call $select_all (i32.const 1)))
    (i64.store (i32.const 32) (call $select_all (i32.const 0)))
    (i64.store (i32.const 40) (call $zeros))
    (i32.store (i32.const 48) (i32.extend8_s (i32.extend16_s (i32.const 0x8180))))
    (i64.store (i32.const 52)
      (i64.add (i64.extend32_s (i64.const 0x80000000))
        (i64.clz (i64.ctz (i64.popcnt (i64.div_s (global.get $long) (i64.const -3)))))))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
