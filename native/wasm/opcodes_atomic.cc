#include "wasm/opcode_rows.h"

namespace wasmsh::wasm {
namespace {

/** Threads proposal, behind 0xfe. Names as in its text format. */
constexpr Opcode kRows[] = {
    Typed(0x00, "memory.atomic.notify", "ii:i", Immediate::kAtomicAccess, 2),
    Typed(0x01, "memory.atomic.wait32", "iil:i", Immediate::kAtomicAccess, 2),
    Typed(0x02, "memory.atomic.wait64", "ill:i", Immediate::kAtomicAccess, 3),
    Typed(0x03, "atomic.fence", ":", Immediate::kFence),
    Typed(0x10, "i32.atomic.load", "i:i", Immediate::kAtomicAccess, 2),
    Typed(0x11, "i64.atomic.load", "i:l", Immediate::kAtomicAccess, 3),
    Typed(0x12, "i32.atomic.load8_u", "i:i", Immediate::kAtomicAccess, 0),
    Typed(0x13, "i32.atomic.load16_u", "i:i", Immediate::kAtomicAccess, 1),
    Typed(0x14, "i64.atomic.load8_u", "i:l", Immediate::kAtomicAccess, 0),
    Typed(0x15, "i64.atomic.load16_u", "i:l", Immediate::kAtomicAccess, 1),
    Typed(0x16, "i64.atomic.load32_u", "i:l", Immediate::kAtomicAccess, 2),
    Typed(0x17, "i32.atomic.store", "ii:", Immediate::kAtomicAccess, 2),
    Typed(0x18, "i64.atomic.store", "il:", Immediate::kAtomicAccess, 3),
    Typed(0x19, "i32.atomic.store8", "ii:", Immediate::kAtomicAccess, 0),
    Typed(0x1a, "i32.atomic.store16", "ii:", Immediate::kAtomicAccess, 1),
    Typed(0x1b, "i64.atomic.store8", "il:", Immediate::kAtomicAccess, 0),
    Typed(0x1c, "i64.atomic.store16", "il:", Immediate::kAtomicAccess, 1),
    Typed(0x1d, "i64.atomic.store32", "il:", Immediate::kAtomicAccess, 2),
    Typed(0x1e, "i32.atomic.rmw.add", "ii:i", Immediate::kAtomicAccess, 2),
    Typed(0x1f, "i64.atomic.rmw.add", "il:l", Immediate::kAtomicAccess, 3),
    Typed(0x20, "i32.atomic.rmw8.add_u", "ii:i", Immediate::kAtomicAccess, 0),
    Typed(0x21, "i32.atomic.rmw16.add_u", "ii:i", Immediate::kAtomicAccess, 1),
    Typed(0x22, "i64.atomic.rmw8.add_u", "il:l", Immediate::kAtomicAccess, 0),
    Typed(0x23, "i64.atomic.rmw16.add_u", "il:l", Immediate::kAtomicAccess, 1),
    Typed(0x24, "i64.atomic.rmw32.add_u", "il:l", Immediate::kAtomicAccess, 2),
    Typed(0x25, "i32.atomic.rmw.sub", "ii:i", Immediate::kAtomicAccess, 2),
    Typed(0x26, "i64.atomic.rmw.sub", "il:l", Immediate::kAtomicAccess, 3),
    Typed(0x27, "i32.atomic.rmw8.sub_u", "ii:i", Immediate::kAtomicAccess, 0),
    Typed(0x28, "i32.atomic.rmw16.sub_u", "ii:i", Immediate::kAtomicAccess, 1),
    Typed(0x29, "i64.atomic.rmw8.sub_u", "il:l", Immediate::kAtomicAccess, 0),
    Typed(0x2a, "i64.atomic.rmw16.sub_u", "il:l", Immediate::kAtomicAccess, 1),
    Typed(0x2b, "i64.atomic.rmw32.sub_u", "il:l", Immediate::kAtomicAccess, 2),
    Typed(0x2c, "i32.atomic.rmw.and", "ii:i", Immediate::kAtomicAccess, 2),
    Typed(0x2d, "i64.atomic.rmw.and", "il:l", Immediate::kAtomicAccess, 3),
    Typed(0x2e, "i32.atomic.rmw8.and_u", "ii:i", Immediate::kAtomicAccess, 0),
    Typed(0x2f, "i32.atomic.rmw16.and_u", "ii:i", Immediate::kAtomicAccess, 1),
    Typed(0x30, "i64.atomic.rmw8.and_u", "il:l", Immediate::kAtomicAccess, 0),
    Typed(0x31, "i64.atomic.rmw16.and_u", "il:l", Immediate::kAtomicAccess, 1),
    Typed(0x32, "i64.atomic.rmw32.and_u", "il:l", Immediate::kAtomicAccess, 2),
    Typed(0x33, "i32.atomic.rmw.or", "ii:i", Immediate::kAtomicAccess, 2),
    Typed(0x34, "i64.atomic.rmw.or", "il:l", Immediate::kAtomicAccess, 3),
    Typed(0x35, "i32.atomic.rmw8.or_u", "ii:i", Immediate::kAtomicAccess, 0),
    Typed(0x36, "i32.atomic.rmw16.or_u", "ii:i", Immediate::kAtomicAccess, 1),
    Typed(0x37, "i64.atomic.rmw8.or_u", "il:l", Immediate::kAtomicAccess, 0),
    Typed(0x38, "i64.atomic.rmw16.or_u", "il:l", Immediate::kAtomicAccess, 1),
    Typed(0x39, "i64.atomic.rmw32.or_u", "il:l", Immediate::kAtomicAccess, 2),
    Typed(0x3a, "i32.atomic.rmw.xor", "ii:i", Immediate::kAtomicAccess, 2),
    Typed(0x3b, "i64.atomic.rmw.xor", "il:l", Immediate::kAtomicAccess, 3),
    Typed(0x3c, "i32.atomic.rmw8.xor_u", "ii:i", Immediate::kAtomicAccess, 0),
    Typed(0x3d, "i32.atomic.rmw16.xor_u", "ii:i", Immediate::kAtomicAccess, 1),
    Typed(0x3e, "i64.atomic.rmw8.xor_u", "il:l", Immediate::kAtomicAccess, 0),
    Typed(0x3f, "i64.atomic.rmw16.xor_u", "il:l", Immediate::kAtomicAccess, 1),
    Typed(0x40, "i64.atomic.rmw32.xor_u", "il:l", Immediate::kAtomicAccess, 2),
    Typed(0x41, "i32.atomic.rmw.xchg", "ii:i", Immediate::kAtomicAccess, 2),
    Typed(0x42, "i64.atomic.rmw.xchg", "il:l", Immediate::kAtomicAccess, 3),
    Typed(0x43, "i32.atomic.rmw8.xchg_u", "ii:i", Immediate::kAtomicAccess, 0),
    Typed(0x44, "i32.atomic.rmw16.xchg_u", "ii:i", Immediate::kAtomicAccess, 1),
    Typed(0x45, "i64.atomic.rmw8.xchg_u", "il:l", Immediate::kAtomicAccess, 0),
    Typed(0x46, "i64.atomic.rmw16.xchg_u", "il:l", Immediate::kAtomicAccess, 1),
    Typed(0x47, "i64.atomic.rmw32.xchg_u", "il:l", Immediate::kAtomicAccess, 2),
    Typed(0x48, "i32.atomic.rmw.cmpxchg", "iii:i", Immediate::kAtomicAccess, 2),
    Typed(0x49, "i64.atomic.rmw.cmpxchg", "ill:l", Immediate::kAtomicAccess, 3),
    Typed(0x4a, "i32.atomic.rmw8.cmpxchg_u", "iii:i", Immediate::kAtomicAccess, 0),
    Typed(0x4b, "i32.atomic.rmw16.cmpxchg_u", "iii:i", Immediate::kAtomicAccess, 1),
    Typed(0x4c, "i64.atomic.rmw8.cmpxchg_u", "ill:l", Immediate::kAtomicAccess, 0),
    Typed(0x4d, "i64.atomic.rmw16.cmpxchg_u", "ill:l", Immediate::kAtomicAccess, 1),
    Typed(0x4e, "i64.atomic.rmw32.cmpxchg_u", "ill:l", Immediate::kAtomicAccess, 2),
};

constexpr auto kIndex = IndexRows<0x50>(kRows);

}  // namespace

const Opcode* FindAtomicOpcode(uint32_t code) { return FindRow(kIndex, kRows, code); }

}  // namespace wasmsh::wasm
