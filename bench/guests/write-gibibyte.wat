;; Writes 1 GiB in pieces of 64 KiB: a file of 64 MiB, 16 times over.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  ;; The path, and at 16 an iovec of the second page.
  (data (i32.const 0) "pieces")
  (data (i32.const 16) "\00\00\01\00\00\00\01\00")
  (func (export "_start") (local $i i32) (local $fd i32)
    ;; creat, with the rights fd_read, fd_seek, fd_tell and fd_write.
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 1)
          (i64.const 102) (i64.const 0) (i32.const 0) (i32.const 32))
      (then unreachable))
    (local.set $fd (i32.load (i32.const 32)))
    (loop $pieces
      (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 1024)))
        (then
          (if (call $fd_seek (local.get $fd) (i64.const 0) (i32.const 0) (i32.const 40))
            (then unreachable))))
      (if (call $fd_write (local.get $fd) (i32.const 16) (i32.const 1) (i32.const 32))
        (then unreachable))
      (if (i32.ne (i32.load (i32.const 32)) (i32.const 65536))
        (then unreachable))
      (br_if $pieces
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16384))))))
