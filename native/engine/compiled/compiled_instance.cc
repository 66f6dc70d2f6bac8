#include "engine/compiled/compiled_instance.h"

#include <cstring>
#include <tuple>

#include "engine/compiled/suspend_calls.h"
#include "engine/frames.h"
#include "engine/instance_state.h"

extern "C" {
#include "aot_runtime.h"
}

namespace wasmsh::engine {

namespace {

/** Compiled code keeps nothing on WAMR's wasm stack. */
constexpr uint32_t kWasmStackBytes = 4096;
/** So much of the native stack is looked at for the callers of what has trapped. */
constexpr size_t kCapturedStackBytes = 64 * 1024;
constexpr uint32_t kLeave = 1;
constexpr uint32_t kUndone = 2;

/** No instance of another module may be entered while WAMR knows of one on this thread. */
class WithoutExecEnv {
 public:
  WithoutExecEnv() : kept_(wasm_runtime_get_exec_env_tls()) {
    wasm_runtime_set_exec_env_tls(nullptr);
  }
  ~WithoutExecEnv() { wasm_runtime_set_exec_env_tls(kept_); }
  WithoutExecEnv(const WithoutExecEnv&) = delete;
  WithoutExecEnv& operator=(const WithoutExecEnv&) = delete;

 private:
  WASMExecEnv* const kept_;
};

void CopyBits(bh_bitmap* from, bh_bitmap* to, uint32_t count) {
  if (from == nullptr || to == nullptr) return;
  for (uint32_t i = 0; i < count; ++i) {
    if (bh_bitmap_get_bit(from, i)) {
      bh_bitmap_set_bit(to, i);
    } else {
      bh_bitmap_clear_bit(to, i);
    }
  }
}

std::string ResumeExport(const std::vector<view::ValueType>& results) {
  std::string name = "wasmsh:resume(";
  for (size_t i = 0; i < results.size(); ++i) {
    name += (i > 0 ? "," : "") + std::string(wasm::ValueTypeName(results[i]));
  }
  return name + ")";
}

}  // namespace

Status CompiledInstance::Create(std::shared_ptr<const CompiledCode> code,
                                const wasm::Module& module, WASMModuleInstance* interpreted,
                                uint8_t* native_stack_low, std::unique_ptr<CompiledInstance>* out) {
  auto made =
      std::unique_ptr<CompiledInstance>(new CompiledInstance(std::move(code), module, interpreted));
  InstantiationArgs2* args = nullptr;
  if (!wasm_runtime_instantiation_args_create(&args)) {
    return Status::Error("INTERNAL", "Out of memory");
  }
  wasm_runtime_instantiation_args_set_default_stack_size(args, kWasmStackBytes);
  char error[192] = "";
  wasm_module_inst_t instance = nullptr;
  {
    WithoutExecEnv without;
    instance = wasm_runtime_instantiate_ex2(made->code_->wamr(), args, error, sizeof error);
  }
  wasm_runtime_instantiation_args_destroy(args);
  if (instance == nullptr) {
    return Status::Error("INSTANTIATE",
                         std::string("The compiled module cannot be instantiated: ") + error);
  }
  made->instance_ = reinterpret_cast<WASMModuleInstance*>(instance);
  made->exec_env_ = wasm_runtime_create_exec_env(instance, kWasmStackBytes);
  if (made->exec_env_ == nullptr) return Status::Error("INTERNAL", "Out of memory");
  wasm_runtime_set_native_stack_boundary(made->exec_env_, native_stack_low);
  if (Status s = made->ShareMemory(); !s.ok()) return s;
  if (Status s = made->CheckTables(); !s.ok()) return s;
  *out = std::move(made);
  return Status::Ok();
}

CompiledInstance::~CompiledInstance() {
  if (own_memory_ != nullptr) {
    *own_memory_ = *instance_->memories[0];
    interpreted_->memories[0] = own_memory_;
    instance_->memories[0]->memory_data = nullptr;
  }
  if (exec_env_ != nullptr) wasm_runtime_destroy_exec_env(exec_env_);
  if (instance_ != nullptr) {
    wasm_runtime_deinstantiate(reinterpret_cast<wasm_module_inst_t>(instance_));
  }
}

/** Compiled code finds its memory at a fixed place in its instance: the interpreter uses that one.
 */
Status CompiledInstance::ShareMemory() {
  // WAMR gives compiled code a memory of no pages where a module has none.
  if (instance_->memory_count == 0 || interpreted_->memory_count == 0) return Status::Ok();
  WASMMemoryInstance* here = instance_->memories[0];
  WASMMemoryInstance* there = interpreted_->memories[0];
  if (here->num_bytes_per_page != there->num_bytes_per_page) {
    return Status::Error("INTERNAL", "WAMR lays out the compiled module's memory in other pages");
  }
  if (here->memory_data != nullptr) wasm_deallocate_linear_memory(here);
  *here = *there;
  own_memory_ = there;
  interpreted_->memories[0] = here;
  return Status::Ok();
}

/** Elements go to and fro with the guest: neither instance may have fewer places than the other can
 *  come to have. What is not grown by code that can be reached may have room in the interpreter
 * only. */
Status CompiledInstance::CheckTables() const {
  for (uint32_t i = 0; i < module_.tables.size(); ++i) {
    const WASMTableInstance& here = *instance_->tables[i];
    const WASMTableInstance& there = *interpreted_->tables[i];
    if (there.cur_size <= here.max_size && here.max_size <= there.max_size) continue;
    return Status::Error("INSTANTIATE", "Table " + std::to_string(i) + " of " +
                                            std::to_string(there.cur_size) +
                                            " elements has no room in compiled code");
  }
  return Status::Ok();
}

uint32_t* CompiledInstance::request_word() const {
  // The padding of the union suspend_flags: native/compiler/poll_loads.h.
  return reinterpret_cast<uint32_t*>(reinterpret_cast<uint8_t*>(exec_env_) +
                                     offsetof(WASMExecEnv, suspend_flags) + sizeof(uint32_t));
}

static_assert(sizeof(void*) == 8 && offsetof(WASMExecEnv, aux_stack_boundary) ==
                                        offsetof(WASMExecEnv, suspend_flags) + 8,
              "there is no hole behind suspend_flags for the request word");

void CompiledInstance::RequestLeave() {
  __atomic_fetch_or(request_word(), kLeave, __ATOMIC_RELAXED);
}

void CompiledInstance::UndoHostCall() {
  __atomic_fetch_or(request_word(), kLeave | kUndone, __ATOMIC_RELAXED);
}

uint8_t* CompiledInstance::GlobalData(uint32_t global) const {
  const auto* module = reinterpret_cast<const AOTModule*>(instance_->module);
  const uint32_t offset = global < module->import_global_count
                              ? module->import_globals[global].data_offset
                              : module->globals[global - module->import_global_count].data_offset;
  return instance_->global_data + offset;
}

void CompiledInstance::Enter() {
  __atomic_store_n(request_word(), 0, __ATOMIC_RELAXED);
  const BuildDescription& build = code_->build();
  for (uint32_t i = 0; i < module_.globals.size(); ++i) {
    view::Value value = ReadGlobal(interpreted_, module_, i);
    if (value.type == view::ValueType::kFuncref && value.bits[0] != view::kNullReference) {
      value.bits[0] = build.BuiltFunction(uint32_t(value.bits[0]));
    }
    uint32_t cells[4] = {};
    WriteCells(value, cells);
    std::memcpy(GlobalData(i), cells, 4 * wasm::ValueTypeCells(value.type));
  }
  for (uint32_t table = 0; table < module_.tables.size(); ++table) {
    const uint32_t size = TableSize(interpreted_, table);
    instance_->tables[table]->cur_size = size;
    const bool is_functions = module_.tables[table].element == view::ValueType::kFuncref;
    for (uint32_t i = 0; i < size; ++i) {
      uint64_t element = ReadTableElement(interpreted_, table, i);
      if (is_functions && element != view::kNullReference) {
        element = build.BuiltFunction(uint32_t(element));
      }
      WriteTableElement(instance_, table, i, element);
    }
  }
  CopyDropped(interpreted_, instance_);
}

void CompiledInstance::Leave() {
  const BuildDescription& build = code_->build();
  for (uint32_t i = 0; i < module_.globals.size(); ++i) {
    const auto type = module_.globals[i].type;
    uint32_t cells[4] = {};
    std::memcpy(cells, GlobalData(i), 4 * wasm::ValueTypeCells(type));
    view::Value value = ReadCells(type, cells);
    if (type == view::ValueType::kFuncref && value.bits[0] != view::kNullReference) {
      value.bits[0] = build.OriginalFunction(uint32_t(value.bits[0]));
    }
    WriteGlobal(interpreted_, module_, i, value);
  }
  for (uint32_t table = 0; table < module_.tables.size(); ++table) {
    const uint32_t size = TableSize(instance_, table);
    interpreted_->tables[table]->cur_size = size;
    const bool is_functions = module_.tables[table].element == view::ValueType::kFuncref;
    for (uint32_t i = 0; i < size; ++i) {
      uint64_t element = ReadTableElement(instance_, table, i);
      if (is_functions && element != view::kNullReference) {
        element = build.OriginalFunction(uint32_t(element));
      }
      WriteTableElement(interpreted_, table, i, element);
    }
  }
  CopyDropped(instance_, interpreted_);
}

void CompiledInstance::CopyDropped(WASMModuleInstance* from, WASMModuleInstance* to) const {
  // One is WAMR's for modules that are interpreted, the other its for compiled ones.
  const auto common_of = [&](WASMModuleInstance* one) {
    return one == instance_ ? &reinterpret_cast<AOTModuleInstanceExtra*>(one->e)->common
                            : &one->e->common;
  };
  CopyBits(common_of(from)->data_dropped, common_of(to)->data_dropped, module_.data_segments);
  CopyBits(common_of(from)->elem_dropped, common_of(to)->elem_dropped, module_.element_segments);
}

/** WAMR keeps two lists of all functions, imported ones first, as long as the module has functions:
 *  these get longer by as many as the table of twins has places. */
Status CompiledInstance::MakePlaces() {
  if (has_places_) return Status::Ok();
  const auto* module = reinterpret_cast<const AOTModule*>(instance_->module);
  auto* instance = reinterpret_cast<AOTModuleInstance*>(instance_);
  const size_t count = size_t{module->import_func_count} + module->func_count;
  const size_t places = module->tables[code_->build().twin_table].table_type.init_size;
  auto* pointers =
      static_cast<void**>(wasm_runtime_malloc(uint32_t((count + places) * sizeof(void*))));
  auto* types =
      static_cast<uint32_t*>(wasm_runtime_malloc(uint32_t((count + places) * sizeof(uint32_t))));
  if (pointers == nullptr || types == nullptr) {
    if (pointers != nullptr) wasm_runtime_free(pointers);
    if (types != nullptr) wasm_runtime_free(types);
    return Status::Error("INTERNAL", "Out of memory");
  }
  std::memcpy(pointers, instance->func_ptrs, count * sizeof(void*));
  std::memcpy(types, instance->func_type_indexes, count * sizeof(uint32_t));
  wasm_runtime_free(instance->func_ptrs);
  wasm_runtime_free(instance->func_type_indexes);
  instance->func_ptrs = pointers;
  instance->func_type_indexes = types;
  has_places_ = true;
  return Status::Ok();
}

Status CompiledInstance::UseTwins(std::shared_ptr<const Twins> twins) {
  if (twins == twins_) return Status::Ok();
  if (Status s = MakePlaces(); !s.ok()) return s;
  auto* instance = reinterpret_cast<AOTModuleInstance*>(instance_);
  const BuildDescription& build = code_->build();
  for (size_t place = 0; place < twins->functions().size(); ++place) {
    const uint32_t function = build.first_twin + uint32_t(place);
    instance->func_ptrs[function] = twins->address(place);
    instance->func_type_indexes[function] = twins->type(place);
    WriteTableElement(instance_, build.twin_table, uint32_t(place), function);
  }
  twins_ = std::move(twins);
  return Status::Ok();
}

CompiledEnd CompiledInstance::Call(const std::string& export_name, const wasm::FunctionType& type,
                                   uint32_t* cells) {
  stack_.Clear();
  uint32_t* at = cells;
  for (const wasm::ValueType param : type.params) {
    if (param == wasm::ValueType::kFuncref) *at = stack_.FunctionAt(int32_t(*at));
    at += wasm::ValueTypeCells(param);
  }
  return Run(CompiledCode::ExportName(export_name), uint32_t(at - cells), type.results, cells);
}

CompiledEnd CompiledInstance::Resume(const std::vector<wasm::ValueType>& results, uint32_t* cells) {
  return Run(ResumeExport(results), 0, results, cells);
}

void CompiledInstance::PrepareCapture() {
  // Pages that no trap writes to cost nothing.
  if (!trap_stack_) trap_stack_.reset(new uint8_t[kCapturedStackBytes]);
  trap_ = {};
  std::tie(trap_.text_from, trap_.text_to) = TextOf(code_->wamr());
  trap_.stack_to = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  trap_.stack = trap_stack_.get();
  trap_.stack_capacity = kCapturedStackBytes;
}

void CompiledInstance::PrepareSpills() {
  spills_.code.clear();
  const auto add = [&](wasm_module_t module, const SpillTable& table) {
    const auto [from, to] = TextOf(module);
    spills_.code.push_back({from, to, &table});
  };
  add(code_->wamr(), code_->spills());
  if (twins_) add(twins_->wamr(), twins_->spills());
  spills_.stack_to = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

CompiledEnd CompiledInstance::Run(const std::string& export_name, uint32_t argument_cells,
                                  const std::vector<wasm::ValueType>& results, uint32_t* cells) {
  auto* common = reinterpret_cast<wasm_module_inst_t>(instance_);
  WASMFunctionInstanceCommon* function = wasm_runtime_lookup_function(common, export_name.c_str());
  if (function == nullptr) {
    wasm_runtime_set_exception(common, ("no export " + export_name).c_str());
    return CompiledEnd::kStopped;
  }
  WithoutExecEnv without;
  suspended_stack = &stack_;
  PrepareSpills();
  spill_sources = &spills_;
  PrepareCapture();
  trap_capture = &trap_;
  const bool returned = wasm_runtime_call_wasm(exec_env_, function, argument_cells, cells);
  trap_capture = nullptr;
  spill_sources = nullptr;
  suspended_stack = nullptr;
  if (!returned) return CompiledEnd::kStopped;
  // The request word may have come too late for anybody to see it.
  if (stack_.has_spilled()) return CompiledEnd::kLeft;
  for (const wasm::ValueType result : results) {
    if (result == wasm::ValueType::kFuncref) *cells = uint32_t(stack_.IndexOfFunction(*cells));
    cells += wasm::ValueTypeCells(result);
  }
  return CompiledEnd::kReturned;
}

std::string CompiledInstance::TakeException() {
  const char* text = wasm_runtime_get_exception(reinterpret_cast<wasm_module_inst_t>(instance_));
  std::string taken = text == nullptr ? "" : text;
  wasm_runtime_clear_exception(reinterpret_cast<wasm_module_inst_t>(instance_));
  return taken;
}

}  // namespace wasmsh::engine
