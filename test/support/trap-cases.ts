/** A program that can trap in every way that there is. */

/** 700,000 when the guest runs, and more than its memory; no compiler knows. */
const outside = '(i32.mul (local.get $x) (i32.const 100000))'

/** Bodies of functions that trap, by the name of the export that calls them. `$x` is 7 and `$zero`
 *  is 0, which no compiler knows. */
export const trapCases: Readonly<Record<string, string>> = {
  unreachable: '(nop) (unreachable)',
  'unreachable in a branch': '(if (local.get $x) (then (nop) (unreachable)))',
  'i32.div_s by zero': '(drop (i32.div_s (local.get $x) (local.get $zero)))',
  'i32.div_s overflow': `(drop (i32.div_s
    (i32.shl (i32.const 1) (i32.add (local.get $x) (i32.const 24)))
    (i32.sub (local.get $zero) (i32.const 1))))`,
  'i32.div_u': '(drop (i32.div_u (local.get $x) (local.get $zero)))',
  'i32.rem_s': '(drop (i32.rem_s (local.get $x) (local.get $zero)))',
  'i32.rem_u': '(drop (i32.rem_u (local.get $x) (local.get $zero)))',
  'i64.div_s': `(drop (i64.div_s
    (i64.extend_i32_u (local.get $x)) (i64.extend_i32_u (local.get $zero))))`,
  'i64.rem_u': `(drop (i64.rem_u
    (i64.extend_i32_u (local.get $x)) (i64.extend_i32_u (local.get $zero))))`,
  'the second of two divisions': `(global.set $sink
    (i32.add (i32.div_u (i32.const 100) (local.get $x)) (i32.div_u (local.get $x) (local.get $zero))))`,
  'i32.trunc_f32_s of NaN': `(drop (i32.trunc_f32_s
    (f32.div (f32.convert_i32_s (local.get $zero)) (f32.convert_i32_s (local.get $zero)))))`,
  'i32.trunc_f64_u overflow': `(drop (i32.trunc_f64_u
    (f64.mul (f64.convert_i32_s (local.get $x)) (f64.const 1e10))))`,
  'i64.trunc_f64_s overflow': `(drop (i64.trunc_f64_s
    (f64.mul (f64.convert_i32_s (local.get $x)) (f64.const 1e30))))`,
  'i32.load that is added': `(global.set $sink (i32.add (local.get $x) (i32.load offset=4 ${outside})))`,
  'i32.load that is compared': `(if (i32.lt_u (i32.load offset=4 ${outside}) (local.get $x))
    (then (global.set $sink (i32.const 1))))`,
  'i64.load32_s that is shifted': `(global.set $wide (i64.shl (i64.load32_s ${outside}) (i64.const 3)))`,
  'f64.load that is added': `(global.set $float (f64.add (f64.const 1) (f64.load ${outside})))`,
  'a store of what was loaded there': `(i32.store offset=8 ${outside}
    (i32.add (i32.const 3) (i32.load offset=8 ${outside})))`,
  'two loads, the second outside': `(global.set $sink
    (i32.add (i32.load (local.get $x)) (i32.load ${outside})))`,
  'two loads, the first outside': `(global.set $sink
    (i32.add (i32.load ${outside}) (i32.load (local.get $x))))`,
  'i32.store': `(i32.store ${outside} (local.get $x))`,
  'i64.store8': '(i64.store8 (i32.const 65536) (i64.const 1))',
  'i32.store across the end': '(i32.store (i32.const 65533) (local.get $x))',
  'a store far outside': '(i32.store offset=4294967295 (i32.const -1) (local.get $x))',
  'a store in a loop': `(local.set $zero (i32.const 65500))
    (loop $l
      (i32.store8 (local.get $zero) (local.get $x))
      (local.set $zero (i32.add (local.get $zero) (i32.const 1)))
      (br $l))`,
  'a load in a counted loop': `(loop $l
    (global.set $sink (i32.add (global.get $sink)
      (i32.load offset=65000 (i32.shl (local.get $zero) (i32.const 2)))))
    (br_if $l (i32.lt_u (local.tee $zero (i32.add (local.get $zero) (i32.const 1))) (i32.const 1000))))`,
  'a load that a loop repeats': `(loop $l
    (global.set $sink (i32.add (global.get $sink) (i32.load offset=4 ${outside})))
    (br_if $l (i32.lt_u (local.tee $zero (i32.add (local.get $zero) (i32.const 1))) (i32.const 1000))))`,
  'a fill written as a loop': `(loop $l
    (i32.store offset=60000 (i32.shl (local.get $zero) (i32.const 2)) (i32.const 0))
    (br_if $l (i32.lt_u (local.tee $zero (i32.add (local.get $zero) (i32.const 1))) (i32.const 100000))))`,
  'memory.fill': '(memory.fill (i32.const 65530) (i32.const 1) (local.get $x))',
  'memory.copy': '(memory.copy (i32.const 65530) (i32.const 0) (local.get $x))',
  'memory.init': '(memory.init $data (i32.const 0) (i32.const 1) (local.get $x))',
  'memory.init behind another': `(memory.init $data (i32.const 0) (i32.const 0) (i32.const 1))
    (memory.init $data (i32.const 0) (i32.const 2) (local.get $x))`,
  'memory.init to outside': '(memory.init $data (i32.const 65536) (i32.const 0) (i32.const 3))',
  'memory.init of a dropped segment': `(data.drop $data)
    (memory.init $data (i32.const 0) (i32.const 1) (i32.const 1))`,
  'table.get': '(drop (table.get $table (local.get $x)))',
  'table.set': '(table.set $table (local.get $x) (ref.null func))',
  'table.fill': '(table.fill $table (i32.const 0) (ref.null func) (local.get $x))',
  'table.copy': '(table.copy $table $table (i32.const 0) (i32.const 1) (local.get $x))',
  'table.init': '(table.init $table $elements (i32.const 0) (i32.const 0) (local.get $x))',
  'call_indirect out of range':
    '(drop (call_indirect $table (type $unary) (i32.const 1) (local.get $x)))',
  'call_indirect of null': `(drop (call_indirect $table (type $unary) (i32.const 1)
    (i32.add (local.get $zero) (i32.const 1))))`,
  'call_indirect of another type': '(call_indirect $table (type $nothing) (local.get $zero))',
  'a trap in what is called indirectly': `(drop (call_indirect $table (type $unary) (local.get $zero)
    (i32.add (local.get $zero) (i32.const 2))))`,
  'a host call that traps': '(call $missing (local.get $x))',
  'recursion without an end': '(call $recurse (local.get $x))',
}

const functions = Object.entries(trapCases).map(
  ([name, body], index) => `
  (func $trap${index} (param $x i32) (param $zero i32)
    (drop (call $yield))
    ${body})
  (func $middle${index} (param $x i32)
    (global.set $sink (i32.const 1))
    (call $trap${index} (i32.add (local.get $x) (i32.const 1)) (i32.load (i32.const 100))))
  (func (export ${JSON.stringify(name)})
    (drop (call $yield))
    (call $middle${index} (i32.add (i32.load (i32.const 96)) (i32.const 6))))`,
)

export const trapProgram = `(module
  (type $unary (func (param i32) (result i32)))
  (type $nothing (func))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "nowhere" "missing" (func $missing (param i32)))
  (memory (export "memory") 1 1)
  (global $sink (mut i32) (i32.const 0))
  (global $wide (mut i64) (i64.const 0))
  (global $float (mut f64) (f64.const 0))
  (table $table 4 4 funcref)
  (elem (table $table) (i32.const 0) func $identity)
  (elem (table $table) (i32.const 2) func $inverse)
  (elem $elements func $identity)
  (data $data "abc")
  (func $identity (type $unary) (local.get 0))
  (func $inverse (type $unary) (i32.div_s (i32.const 1) (local.get 0)))
  (func $recurse (param i32)
    (call $recurse (i32.add (local.get 0) (i32.const 1)))
    (global.set $sink (local.get 0)))
  ${functions.join('')})`
