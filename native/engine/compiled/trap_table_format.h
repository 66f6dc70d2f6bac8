#ifndef WASMSH_ENGINE_COMPILED_TRAP_TABLE_FORMAT_H_
#define WASMSH_ENGINE_COMPILED_TRAP_TABLE_FORMAT_H_

#include <cstddef>
#include <cstdint>

/**
 * The table of traps, which the compiler writes beside machine code: for each machine instruction
 * that may trap, and each call, its place in the original module. A place that is not known is 0,
 * others are one more than what they say. u32 and u64 are little-endian, all else is LEB128.
 *
 *     table       = "WTT" 0x01
 *                   functions (u32)
 *                   XXH3-128 of all behind it (16 bytes, as image/hash.h has it)
 *                   entries { start, end (u32): where the code is in WAMR's text; data (u32) } *
 *                   data of functions
 *     function    = original function
 *                   calls { function, pc of the call, call that it is in } *   what was inlined
 *                   rows { address less the one before, base (1 byte), offset,
 *                          return address, frame pointer (signed) } *
 *                   instructions { address less the one before, pc, 2 * call + is_call } *
 *
 * Addresses count from the function's start; that of a call is the one behind it. "Call" 0 is the
 * function itself, n the n-th of its calls. A row holds from its address on: the frame ends
 * `offset` above its base (0 stack pointer, 1 frame pointer, 2 neither; 4 is added while the
 * function has not begun), and there, that much further up, the return address and the caller's
 * frame pointer were saved (0: not).
 */
namespace wasmsh::engine::trap_table {

constexpr uint8_t kMagic[] = {'W', 'T', 'T', 1};
constexpr size_t kCountAt = 4;
constexpr size_t kHashAt = 8;
constexpr size_t kHeaderBytes = 24;
constexpr size_t kEntryBytes = 12;
constexpr uint8_t kIsBeingSetUp = 4;

}  // namespace wasmsh::engine::trap_table

#endif  // WASMSH_ENGINE_COMPILED_TRAP_TABLE_FORMAT_H_
