;; Linear memory: loads and stores of every width, at the edges of pages, growth, refused growth.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 4)
  (data (i32.const 0) "\10\00\00\00\28\00\00\00")
  (data (i32.const 65528) "\01\02\03\84\85\06\07\88")

  (func (export "_start") (local $at i32)
    (i32.store8 (i32.const 16) (i32.load8_s (i32.const 65531)))
    (i32.store8 (i32.const 17) (i32.load8_u (i32.const 65531)))
    (i32.store16 (i32.const 18) (i32.load16_s (i32.const 65530)))
    (i32.store (i32.const 20) (i32.load16_u (i32.const 65530)))
    (i64.store8 (i32.const 24) (i64.load8_s (i32.const 65535)))
    (i64.store16 (i32.const 25) (i64.load16_u (i32.const 65533)))
    (i64.store32 (i32.const 27) (i64.load32_s (i32.const 65532)))
    (i64.store (i32.const 31) (i64.load32_u offset=65500 (i32.const 32)))
    (i64.store (i32.const 32)
      (i64.add (i64.load8_u (i32.const 65535)) (i64.load16_s (i32.const 65533))))
    (f32.store (i32.const 40) (f32.load (i32.const 65528)))
    (f64.store (i32.const 44) (f64.load (i32.const 65528)))

    (i32.store8 (i32.const 52) (memory.size))
    (local.set $at (i32.mul (memory.grow (i32.const 2)) (i32.const 65536)))
    ;; Across the old end, and in the last bytes of the new one.
    (i64.store (i32.sub (local.get $at) (i32.const 4)) (i64.const 0x1122334455667788))
    (i64.store offset=131064 (local.get $at) (i64.const -1))
    (i32.store8 (i32.const 53) (memory.size))
    (i32.store8 (i32.const 54) (memory.grow (i32.const 2)))
    (i32.store8 (i32.const 55) (i32.add (memory.grow (i32.const 0)) (memory.grow (i32.const 1))))
    (i32.store8 offset=262143 (i32.const 0) (i32.const 7))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
