/** A guest that makes, closes and removes files of ever new names of 200 bytes in its directory,
 *  descriptor 3: three operations each. Exits with 1 when one of them fails. */
export function churn(files: number): string {
  const wasi = (name: string, parameters: string): string =>
    `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${parameters}) (result i32)))`
  return `(module
  ${wasi('path_open', 'i32 i32 i32 i32 i32 i64 i64 i32 i32')}
  ${wasi('fd_close', 'i32')}
  ${wasi('path_unlink_file', 'i32 i32 i32')}
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "${'x'.repeat(192)}")
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (i32.const 1)))))
  (func $name (param $n i32) (local $at i32)
    (local.set $at (i32.const 300))
    (loop $digits
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (br_if $digits (i32.gt_u (local.get $at) (i32.const 292)))))
  (func (export "_start") (local $i i32)
    (loop $again
      (call $name (local.get $i))
      (call $check (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 200)
        (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 0)))
      (call $check (call $fd_close (i32.load (i32.const 0))))
      (call $check (call $path_unlink_file (i32.const 3) (i32.const 100) (i32.const 200)))
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${files}))))))`
}
