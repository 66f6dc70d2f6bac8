;; Prints the prime numbers up to a limit, one a line, then how many there are. The guest of the
;; tour: small enough to read, with a global, a table, memory and calls to look at.
;;
;; primes.wasm is made of it by: npx wat2wasm --debug-names examples/primes.wat -o examples/primes.wasm
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  ;; 0: the iovec of fd_write, 8: how much it wrote, 16..47: digits are put together here
  (data (i32.const 64) "\n primes up to \n")

  (global $limit (export "limit") (mut i32) (i32.const 100))

  ;; How a number is tested: an indirect call, so that the table matters.
  (type $test (func (param i32) (result i32)))
  (table funcref (elem $is_prime $is_odd))

  (func $is_prime (param $n i32) (result i32)
    (local $divisor i32)
    (if (i32.lt_u (local.get $n) (i32.const 2))
      (then (return (i32.const 0))))
    (local.set $divisor (i32.const 2))
    (block $done
      (loop $next
        (br_if $done
          (i32.gt_u (i32.mul (local.get $divisor) (local.get $divisor)) (local.get $n)))
        (if (i32.eqz (i32.rem_u (local.get $n) (local.get $divisor)))
          (then (return (i32.const 0))))
        (local.set $divisor (i32.add (local.get $divisor) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $is_odd (param $n i32) (result i32)
    (i32.and (local.get $n) (i32.const 1)))

  (func $write (param $address i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $address))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func $write_number (param $n i32)
    (local $at i32)
    (local.set $at (i32.const 48))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (br_if $digit (local.get $n)))
    (call $write (local.get $at) (i32.sub (i32.const 48) (local.get $at))))

  (func $main (export "_start")
    (local $candidate i32)
    (local $found i32)
    (loop $next
      (if (call_indirect (type $test) (local.get $candidate) (i32.const 0))
        (then
          (call $write_number (local.get $candidate))
          (call $write (i32.const 64) (i32.const 1))
          (local.set $found (i32.add (local.get $found) (i32.const 1)))))
      (local.set $candidate (i32.add (local.get $candidate) (i32.const 1)))
      (br_if $next (i32.le_u (local.get $candidate) (global.get $limit))))
    (call $write_number (local.get $found))
    (call $write (i32.const 65) (i32.const 14))
    (call $write_number (global.get $limit))
    (call $write (i32.const 79) (i32.const 1))))
