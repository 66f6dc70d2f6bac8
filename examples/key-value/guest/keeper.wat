;; Keeps its colour in the key-value store, waits until somebody gives it a "go", and writes that and
;; the colour to its output.
(module
  (import "kv" "set" (func $set (param i32 i32 i32 i32)))
  (import "kv" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "kv" "wait" (func $wait (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "color")
  (data (i32.const 80) "blue")
  (data (i32.const 96) "go")
  (data (i32.const 112) "\n")

  ;; Writes `length` bytes at `from`, and the end of a line.
  (func $line (param $from i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $from))
    (i32.store (i32.const 4) (local.get $length))
    (i32.store (i32.const 8) (i32.const 112))
    (i32.store (i32.const 12) (i32.const 1))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 16))))

  (func (export "_start")
    (call $set (i32.const 64) (i32.const 5) (i32.const 80) (i32.const 4))
    (drop (call $wait (i32.const 96) (i32.const 2)))
    (call $line (i32.const 1024)
      (call $get (i32.const 96) (i32.const 2) (i32.const 1024) (i32.const 1024)))
    (call $line (i32.const 1024)
      (call $get (i32.const 64) (i32.const 5) (i32.const 1024) (i32.const 1024)))))
