#ifndef WASMSH_WASM_UTF8_H_
#define WASMSH_WASM_UTF8_H_

#include <cstddef>
#include <cstdint>

namespace wasmsh::wasm {

/** Says whether bytes are well-formed UTF-8 (no surrogates, no overlong forms, up to U+10FFFF).
 *  See the core specification, 5.2.4. */
bool IsUtf8(const uint8_t* bytes, size_t size);

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_UTF8_H_
