#ifndef WASMSH_WASM_FEATURES_H_
#define WASMSH_WASM_FEATURES_H_

#include <cstdint>

/** Names of WebAssembly features that wasmsh does not run, found by their encodings. */
namespace wasmsh::wasm {

constexpr const char* kFeatureComponents = "the component model";
constexpr const char* kFeatureMemory64 = "memory64";
constexpr const char* kFeatureMultiMemory = "multi-memory";
constexpr const char* kFeatureExceptions = "exception handling";
constexpr const char* kFeatureGc = "garbage collection";
constexpr const char* kFeatureTypedReferences = "typed function references";
constexpr const char* kFeatureRelaxedSimd = "relaxed SIMD";
constexpr const char* kFeatureWideArithmetic = "wide arithmetic";
constexpr const char* kFeatureSharedEverything = "shared-everything threads";
constexpr const char* kFeatureStackSwitching = "stack switching";
constexpr const char* kFeatureCustomPages = "custom page sizes";

/** Feature that an opcode belongs to which the tables do not know; nullptr: nobody's. */
const char* FeatureOfOpcode(uint8_t opcode, uint32_t sub_opcode);

/** Feature that a value or reference type's first byte belongs to; nullptr: nobody's, or core's. */
const char* FeatureOfValueType(uint8_t byte);

/** Feature that the first byte of an entry of the type section belongs to; nullptr: nobody's. */
const char* FeatureOfTypeForm(uint8_t byte);

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_FEATURES_H_
