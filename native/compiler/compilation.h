#ifndef WASMSH_COMPILER_COMPILATION_H_
#define WASMSH_COMPILER_COMPILATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/options.h"
#include "status.h"

extern "C" {
struct AOTCompContext;
struct AOTCompData;
struct WASMModule;
}

namespace llvm {
class Module;
class TargetMachine;
}  // namespace llvm

namespace wasmsh::compiler {

/**
 * One module on its way through WAMR's compilation library: loaded, turned into LLVM's intermediate
 * representation, and written as a file that WAMR's runtime loads. WAMR does all three; in between,
 * this program changes what it made. One at a time per process.
 */
class Compilation {
 public:
  Compilation() = default;
  ~Compilation();
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  /** Loads and validates the module; `bytes` is changed, and has to outlive this object. Codes:
   *  MODULE_INVALID. */
  Status Load(std::vector<uint8_t>* bytes);
  /** Makes the intermediate representation, not yet optimized. Codes: COMPILE_TARGET,
   *  COMPILE_FAILED. */
  Status Generate(const Options& options);
  /** Runs WAMR's own passes. */
  void OptimizeAsWamr();
  /** Makes machine code: the bytes of a file for WAMR's loader. Codes: COMPILE_FAILED. */
  Status Emit(std::string* code);

  llvm::Module& ir() const;
  llvm::TargetMachine& target_machine() const;
  uint32_t pointer_bytes() const;
  uint32_t imported_function_count() const;
  /** Functions with a body. */
  uint32_t function_count() const;

  /** Byte offset of an exported global, from the start of the module's instance as compiled code
   *  sees it; nothing when there is none of that name. */
  std::optional<uint64_t> GlobalOffset(const std::string& export_name) const;
  /** Likewise, of the address of the first memory. */
  uint64_t MemoryBaseOffset() const;
  /** Name of the imported function, if it is one of that module. */
  std::optional<std::string> ImportFrom(const std::string& module, uint64_t function) const;

 private:
  WASMModule* module_ = nullptr;
  AOTCompData* data_ = nullptr;
  AOTCompContext* context_ = nullptr;
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_COMPILATION_H_
