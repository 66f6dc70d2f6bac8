;; Loops of all forms that a compiler counts, cuts or turns round, each with several lengths, and functions
;; that call themselves. Writes a checksum of all that they compute.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $hash (mut i64) (i64.const 1469598103934665603))

  (func $note (param $value i64)
    (global.set $hash (i64.mul
      (i64.xor (global.get $hash) (local.get $value))
      (i64.const 1099511628211))))

  ;; Tested at its end; adds up.
  (func $sum (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (i32.mul (local.get $i) (i32.load offset=4096 (i32.shl (local.get $i) (i32.const 2))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum))

  ;; Tested at its head; its bound is read from memory each time; writes.
  (func $fill (param $n i32) (local $i i32)
    (i32.store (i32.const 64) (local.get $n))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $i) (i32.load (i32.const 64))))
        (i32.store offset=4096 (i32.shl (local.get $i) (i32.const 2))
          (i32.add (i32.mul (local.get $i) (i32.const 40503)) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again))))

  ;; Counts down, byte by byte, over what it reads later.
  (func $shift (param $n i32)
    (loop $again
      (i32.store8 offset=4097 (local.get $n) (i32.load8_u offset=4096 (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  ;; Steps by 3, has a second end, and an operand that waits below the loop.
  (func $find (param $n i32) (param $what i32) (result i32) (local $i i32)
    (i32.const 7)
    (block $found
      (loop $again
        (br_if $found (i32.eq (i32.load8_u offset=4096 (local.get $i)) (local.get $what)))
        (local.set $i (i32.add (local.get $i) (i32.const 3)))
        (br_if $again (i32.lt_s (local.get $i) (local.get $n)))))
    (i32.add (local.get $i)))

  ;; One inside the other; the inner one gets longer.
  (func $triangle (param $n i32) (result i64) (local $i i32) (local $j i32) (local $sum i64)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 1))
          (i64.extend_i32_u (i32.xor (local.get $i) (local.get $j)))))
        (br_if $columns (i32.le_u
          (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $i))))
      (br_if $rows (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum))

  ;; A loop that hands on values on the stack.
  (func $series (param $n i32) (result f64) (local $left i32) (local $sum f64)
    (local.set $left (local.get $n))
    (f64.const 1)
    (loop $again (param f64) (result f64)
      (f64.mul (f64.const 0.75))
      (local.set $sum (f64.add (local.get $sum) (f64.const 0.5)))
      (f64.add (local.get $sum))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))

  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                     (call $fib (i32.sub (local.get $n) (i32.const 2)))))))

  ;; Puts one number a call into memory, before and after it calls itself.
  (func $hanoi (param $n i32) (param $from i32) (param $to i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (call $hanoi (i32.sub (local.get $n) (i32.const 1)) (local.get $from)
      (i32.xor (local.get $from) (local.get $to)))
    (i32.store (i32.const 72) (i32.add (i32.mul (i32.load (i32.const 72)) (i32.const 5))
      (i32.sub (local.get $to) (local.get $from))))
    (call $hanoi (i32.sub (local.get $n) (i32.const 1))
      (i32.xor (local.get $from) (local.get $to)) (local.get $to)))

  (func $all (param $n i32)
    (call $fill (local.get $n))
    (call $note (i64.extend_i32_u (call $sum (local.get $n))))
    (call $shift (local.get $n))
    (call $note (i64.extend_i32_u (call $find (local.get $n) (i32.const 12))))
    (call $note (i64.extend_i32_u (call $sum (local.get $n))))
    (call $note (i64.reinterpret_f64 (call $series (local.get $n)))))

  (func $turn
    (call $all (i32.const 1))
    (call $all (i32.const 2))
    (call $all (i32.const 16))
    (call $all (i32.const 17))
    (call $all (i32.const 18))
    (call $all (i32.const 33))
    (call $all (i32.const 34))
    (call $all (i32.const 35))
    (call $all (i32.const 150))
    (call $note (call $triangle (i32.const 1)))
    (call $note (call $triangle (i32.const 37)))
    (call $note (i64.extend_i32_u (call $fib (i32.const 9))))
    (call $hanoi (i32.const 5) (i32.const 1) (i32.const 3))
    (call $note (i64.extend_i32_u (i32.load (i32.const 72)))))

  ;; Often enough to be met by a request of JavaScript's.
  (func (export "_start") (local $turns i32)
    (loop $again
      (call $turn)
      (br_if $again (i32.lt_u
        (local.tee $turns (i32.add (local.get $turns) (i32.const 1))) (i32.const 100))))
    (i64.store (i32.const 16) (global.get $hash))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 8))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))
