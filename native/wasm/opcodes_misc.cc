#include "wasm/opcode_rows.h"

namespace wasmsh::wasm {
namespace {

/** Core specification, 5.4, behind 0xfc: saturating truncation, bulk memory, tables. */
constexpr Opcode kRows[] = {
    Typed(0x00, "i32.trunc_sat_f32_s", "f:i"),
    Typed(0x01, "i32.trunc_sat_f32_u", "f:i"),
    Typed(0x02, "i32.trunc_sat_f64_s", "d:i"),
    Typed(0x03, "i32.trunc_sat_f64_u", "d:i"),
    Typed(0x04, "i64.trunc_sat_f32_s", "f:l"),
    Typed(0x05, "i64.trunc_sat_f32_u", "f:l"),
    Typed(0x06, "i64.trunc_sat_f64_s", "d:l"),
    Typed(0x07, "i64.trunc_sat_f64_u", "d:l"),
    Typed(0x08, "memory.init", "iii:", Immediate::kMemoryInit),
    Typed(0x09, "data.drop", ":", Immediate::kData),
    Typed(0x0a, "memory.copy", "iii:", Immediate::kMemoryCopy),
    Typed(0x0b, "memory.fill", "iii:", Immediate::kMemory),
    Typed(0x0c, "table.init", "iii:", Immediate::kTableInit),
    Typed(0x0d, "elem.drop", ":", Immediate::kElement),
    Typed(0x0e, "table.copy", "iii:", Immediate::kTableCopy),
    Special(0x0f, "table.grow", Immediate::kTable),
    Typed(0x10, "table.size", ":i", Immediate::kTable),
    Special(0x11, "table.fill", Immediate::kTable),
};

constexpr auto kIndex = IndexRows<0x20>(kRows);

}  // namespace

const Opcode* FindMiscOpcode(uint32_t code) { return FindRow(kIndex, kRows, code); }

}  // namespace wasmsh::wasm
