;; A million of the smallest calls with an effect: fd_write of one byte to a file.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; The path, and at 16 an iovec of the one byte at 64.
  (data (i32.const 0) "bytes")
  (data (i32.const 16) "\40\00\00\00\01\00\00\00")
  (func (export "_start") (local $i i32) (local $fd i32)
    ;; creat and trunc, with the rights fd_read, fd_seek, fd_tell and fd_write.
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 9)
          (i64.const 102) (i64.const 0) (i32.const 0) (i32.const 32))
      (then unreachable))
    (local.set $fd (i32.load (i32.const 32)))
    (loop $calls
      (if (call $fd_write (local.get $fd) (i32.const 16) (i32.const 1) (i32.const 32))
        (then unreachable))
      (br_if $calls
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000000))))))
