#include "compiler/compilation.h"

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <cstring>

// The order of WAMR's headers is content.
// clang-format off
extern "C" {
#include "bh_platform.h"
#include "wasm_export.h"
#include "aot_llvm.h"
#include "aot_compiler.h"
#include "aot_runtime.h"
#include "aot_emit_aot_file.h"
}
// clang-format on

#include "compiler/null_references.h"
#include "compiler/target.h"

namespace wasmsh::compiler {
namespace {

Status Failed(const char* what) {
  const char* reason = aot_get_last_error();
  const bool has_reason = reason != nullptr && *reason != '\0';
  return Status::Error("COMPILE_FAILED",
                       std::string(what) + (has_reason ? ": " : "") + (has_reason ? reason : ""));
}

/** What our runtime is built with (native/wamr/config.cmake), and WAMR's own compiler by default.
 */
AOTCompOption WamrOptions(const Options& options, Target* target) {
  AOTCompOption wamr = {};
  wamr.opt_level = options.level;
  wamr.size_level = 3;
  wamr.output_format = AOT_FORMAT_FILE;
  // 2: as the target has it. On 64 bits memory is guarded by pages, and checks cost nothing.
  wamr.bounds_checks = 2;
  wamr.stack_bounds_checks = 0;  // stack probes meet the guard of the thread's stack instead
  wamr.enable_simd = true;
  wamr.enable_aux_stack_check = true;
  wamr.enable_bulk_memory = true;
  wamr.enable_ref_types = true;
  // WAMR's own compiler derives these two from those above; without the second each call_indirect
  // is refused.
  wamr.enable_bulk_memory_opt = true;
  wamr.enable_call_indirect_overlong = true;
  wamr.enable_tail_call = true;
  wamr.enable_extended_const = true;
  wamr.target_arch = target->architecture.data();
  wamr.target_cpu = target->cpu.data();
  wamr.cpu_features = target->features.empty() ? nullptr : target->features.data();
  aot_call_stack_features_init_default(&wamr.call_stack_features);
  return wamr;
}

}  // namespace

Compilation::~Compilation() {
  if (context_ != nullptr) aot_destroy_comp_context(context_);
  if (data_ != nullptr) aot_destroy_comp_data(data_);
  if (module_ != nullptr) wasm_runtime_unload(reinterpret_cast<wasm_module_t>(module_));
}

Status Compilation::Load(std::vector<uint8_t>* bytes) {
  char reason[256] = "";
  if (bytes->size() > UINT32_MAX) {
    return Status::Error("MODULE_INVALID", "the module is larger than 4 GiB");
  }
  wasm_module_t loaded =
      wasm_runtime_load(bytes->data(), static_cast<uint32_t>(bytes->size()), reason, sizeof reason);
  if (loaded == nullptr) return Status::Error("MODULE_INVALID", reason);
  module_ = reinterpret_cast<WASMModule*>(loaded);
  MendNullReferences(module_);
  // Host functions that WAMR itself has (WASI) would be called directly, past the engine's
  // boundary.
  for (uint32_t i = 0; i < module_->import_function_count; ++i) {
    module_->import_functions[i].u.function.signature = nullptr;
  }
  return Status::Ok();
}

Status Compilation::Generate(const Options& options) {
  Target target;
  if (Status status = FindTarget(options.target, options.cpu, &target); !status.ok()) return status;
  AOTCompOption wamr = WamrOptions(options, &target);
  data_ = aot_create_comp_data(module_, wamr.target_arch, wamr.enable_gc);
  if (data_ == nullptr) return Failed("the module cannot be prepared");
  context_ = aot_create_comp_context(data_, &wamr);
  if (context_ == nullptr) return Failed("no code can be made for this target");
  context_->optimize = false;  // stop behind the intermediate representation
  if (!aot_compile_wasm(context_)) return Failed("the module cannot be compiled");
  return Status::Ok();
}

void Compilation::OptimizeAsWamr() { aot_apply_llvm_new_pass_manager(context_, context_->module); }

Status Compilation::Emit(std::string* code) {
  uint32_t size = 0;
  uint8_t* bytes = aot_emit_aot_file_buf(context_, data_, &size);
  if (bytes == nullptr) return Failed("no machine code can be made of the module");
  code->assign(reinterpret_cast<const char*>(bytes), size);
  wasm_runtime_free(bytes);
  return Status::Ok();
}

llvm::Module& Compilation::ir() const {
  return *llvm::unwrap(reinterpret_cast<LLVMModuleRef>(context_->module));
}

llvm::TargetMachine& Compilation::target_machine() const {
  return *reinterpret_cast<llvm::TargetMachine*>(context_->target_machine);
}

uint32_t Compilation::pointer_bytes() const { return context_->pointer_size; }

uint32_t Compilation::imported_function_count() const { return data_->import_func_count; }
uint32_t Compilation::function_count() const { return module_->function_count; }

std::optional<uint64_t> Compilation::GlobalOffset(const std::string& export_name) const {
  for (uint32_t i = 0; i < module_->export_count; ++i) {
    const WASMExport& one = module_->exports[i];
    if (one.kind != EXPORT_KIND_GLOBAL || export_name != one.name) continue;
    if (one.index < data_->import_global_count) return std::nullopt;
    const AOTGlobal& global = data_->globals[one.index - data_->import_global_count];
    // aot_emit_variable.c: globals stand behind the memories.
    const uint64_t base = offsetof(AOTModuleInstance, global_table_data.bytes) +
                          uint64_t{sizeof(AOTMemoryInstance)} * data_->memory_count;
    return base + (pointer_bytes() == 8 ? global.data_offset_64bit : global.data_offset_32bit);
  }
  return std::nullopt;
}

uint64_t Compilation::MemoryBaseOffset() const {
  return offsetof(AOTModuleInstance, global_table_data.bytes) +
         offsetof(AOTMemoryInstance, memory_data);
}

std::optional<std::string> Compilation::ImportFrom(const std::string& module,
                                                   uint64_t function) const {
  if (function >= module_->import_function_count) return std::nullopt;
  const auto& import = module_->import_functions[function].u.function;
  return module == import.module_name ? std::optional<std::string>(import.field_name)
                                      : std::nullopt;
}

}  // namespace wasmsh::compiler
