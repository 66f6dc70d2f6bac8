#ifndef WASMSH_WASM_MODULE_H_
#define WASMSH_WASM_MODULE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "status.h"
#include "wasm/types.h"

namespace wasmsh::wasm {

enum class ExternalKind : uint8_t { kFunction = 0, kTable = 1, kMemory = 2, kGlobal = 3 };

struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  bool shared = false;
};

struct TableType {
  ValueType element = ValueType::kFuncref;
  Limits limits;  // in elements
};

struct GlobalType {
  ValueType type = ValueType::kI32;
  bool is_mutable = false;
};

struct Import {
  std::string module;
  std::string name;
  ExternalKind kind = ExternalKind::kFunction;
  uint32_t type_index = 0;  // functions
  TableType table;
  Limits memory;  // in pages of 64 KiB
  GlobalType global;
};

struct Export {
  std::string name;
  ExternalKind kind = ExternalKind::kFunction;
  uint32_t index = 0;
};

/** One function of the index space, imported ones first. */
struct Function {
  uint32_t type_index = 0;
  bool imported = false;
  /** Locals after the parameters. */
  std::vector<ValueType> locals;
  /** Byte range in the file, from the first instruction after the local declarations to just
   *  behind the final `end`. A pc is an offset from `code_start`. */
  uint32_t code_start = 0;
  uint32_t code_end = 0;
  /** Contains return_call or return_call_indirect: a caller may find another function above it. */
  bool has_tail_calls = false;
};

/**
 * A parsed module: what its sections declare, with the pristine bytes (WAMR's loader rewrites the
 * buffer that it is given). Immutable; shared between guests and threads.
 */
class Module {
 public:
  /**
   * Reads every section. Refuses, by name, what wasmsh cannot run: components, memory64,
   * multi-memory, GC, exceptions (code UNSUPPORTED_FEATURE); what is no module at all
   * (MODULE_NOT_WASM), ends too early (MODULE_TRUNCATED) or is malformed (MODULE_INVALID). SIMD is
   * parsed and reported by `uses_simd`: whoever runs the interpreter refuses it.
   * Bodies are validated on demand by FunctionAnalysis, and all of them by WAMR's loader.
   */
  static Status Parse(std::shared_ptr<const std::vector<uint8_t>> bytes,
                      std::shared_ptr<const Module>* out);

  std::shared_ptr<const std::vector<uint8_t>> bytes;
  std::vector<FunctionType> types;
  std::vector<Import> imports;
  std::vector<Function> functions;  // whole index space
  std::vector<TableType> tables;    // whole index space
  std::vector<Limits> memories;     // whole index space
  std::vector<GlobalType> globals;  // whole index space
  std::vector<Export> exports;
  std::optional<uint32_t> start;
  uint32_t imported_functions = 0;
  uint32_t data_segments = 0;
  uint32_t element_segments = 0;
  std::vector<ValueType> element_segment_types;
  /** Functions that ref.func may name (core specification 3.4.12, C.refs), for validation. */
  std::vector<bool> declared_references;
  bool uses_simd = false;
  bool uses_threads = false;  // shared memory or atomics
  bool uses_tail_calls = false;
  bool grows_memory = false;        // has a memory.grow
  std::set<uint32_t> grown_tables;  // of which it has a table.grow

  /** Indices into `imports` of the imported functions, in index space order. */
  std::vector<uint32_t> function_imports;

  /** Name from the name section, else from the first export of it, else the import's
   *  "module.name", else empty. */
  std::string FunctionName(uint32_t function) const;
  std::string GlobalName(uint32_t global) const;
  std::string LocalName(uint32_t function, uint32_t local) const;
  /** Type of a local of a function: parameters first. `local` must be in range. */
  ValueType LocalType(uint32_t function, uint32_t local) const;
  uint32_t LocalCount(uint32_t function) const;
  const FunctionType& TypeOf(uint32_t function) const {
    return types[functions[function].type_index];
  }
  const Export* FindExport(const std::string& name, ExternalKind kind) const;

  // Filled by Parse from the "name" custom section; a malformed one is ignored. Sorted by index.
  std::string module_name;
  std::vector<std::pair<uint32_t, std::string>> function_names;
  std::vector<std::pair<uint32_t, std::string>> global_names;
  std::vector<std::pair<uint32_t, std::vector<std::pair<uint32_t, std::string>>>> local_names;
};

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_MODULE_H_
