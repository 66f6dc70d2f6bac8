#include "engine/compiled/twins.h"

#include <algorithm>
#include <cstring>
#include <string>

// The order of WAMR's headers is content.
extern "C" {
#include "aot_runtime.h"
}

namespace wasmsh::engine {

namespace {

const AOTModule* ModuleOf(wasm_module_t module) {
  return reinterpret_cast<const AOTModule*>(module);
}

bool SameType(const AOTModule& a, const AOTModule& b, uint32_t index) {
  const auto* one = reinterpret_cast<const AOTFuncType*>(a.types[index]);
  const auto* other = reinterpret_cast<const AOTFuncType*>(b.types[index]);
  return one->param_count == other->param_count && one->result_count == other->result_count &&
         std::memcmp(one->types, other->types, size_t(one->param_count) + one->result_count) == 0;
}

bool SameMemories(const AOTModule& a, const AOTModule& b) {
  for (uint32_t i = 0; i < a.memory_count; ++i) {
    const AOTMemory& one = a.memories[i];
    const AOTMemory& other = b.memories[i];
    if (one.flags != other.flags || one.num_bytes_per_page != other.num_bytes_per_page ||
        one.init_page_count != other.init_page_count ||
        one.max_page_count != other.max_page_count) {
      return false;
    }
  }
  return a.memory_count == b.memory_count && a.import_memory_count == b.import_memory_count;
}

bool SameTables(const AOTModule& a, const AOTModule& b) {
  if (a.table_count != b.table_count || a.import_table_count != b.import_table_count) return false;
  for (uint32_t i = 0; i < a.table_count; ++i) {
    const WASMTableType& one = a.tables[i].table_type;
    const WASMTableType& other = b.tables[i].table_type;
    if (one.elem_type != other.elem_type || one.init_size != other.init_size ||
        one.max_size != other.max_size || one.possible_grow != other.possible_grow) {
      return false;
    }
  }
  return true;
}

bool SameGlobals(const AOTModule& a, const AOTModule& b) {
  if (a.global_count != b.global_count || a.import_global_count != b.import_global_count ||
      a.global_data_size != b.global_data_size) {
    return false;
  }
  for (uint32_t i = 0; i < a.global_count; ++i) {
    if (a.globals[i].data_offset != b.globals[i].data_offset) return false;
  }
  return true;
}

/** In what the code of twins and of the module proper differ that has to be the same; nullptr when
 *  they go together. */
const char* Difference(const AOTModule& code, const AOTModule& twins, uint32_t shared_types) {
  if (code.import_func_count != twins.import_func_count) return "imports";
  if (code.func_count > twins.func_count) return "functions";
  for (uint32_t i = 0; i < code.func_count; ++i) {
    if (code.func_type_indexes[i] != twins.func_type_indexes[i]) return "types of functions";
  }
  if (shared_types > code.type_count || shared_types > twins.type_count) return "types";
  for (uint32_t i = 0; i < shared_types; ++i) {
    if (!SameType(code, twins, i)) return "types";
  }
  if (!SameMemories(code, twins)) return "memories";
  if (!SameTables(code, twins)) return "tables";
  if (!SameGlobals(code, twins)) return "globals";
  return nullptr;
}

}  // namespace

Status Twins::Load(std::vector<uint8_t> bytes, TwinDescription description,
                   const CompiledCode& code, std::unique_ptr<Twins>* out) {
  auto loaded = std::unique_ptr<Twins>(new Twins(std::move(description)));
  const BuildDescription& build = loaded->description_.build;
  loaded->bytes_ = std::move(bytes);
  if (Status s = SpillTable::Find(loaded->bytes_, &loaded->spills_); !s.ok()) return s;
  char error[192] = "";
  loaded->wamr_ = wasm_runtime_load(loaded->bytes_.data(), uint32_t(loaded->bytes_.size()), error,
                                    sizeof error);
  if (loaded->wamr_ == nullptr) {
    return Status::Error("COMPILED_CODE", std::string("WAMR refuses the compiled code: ") + error);
  }
  const AOTModule& theirs = *ModuleOf(code.wamr());
  const AOTModule& ours = *ModuleOf(loaded->wamr_);
  const uint32_t count = uint32_t(build.twins.size());
  const char* difference = Difference(theirs, ours, build.shared_types);
  if (difference == nullptr && (build.twin_table != code.build().twin_table ||
                                build.shared_types != code.build().shared_types ||
                                build.first_twin != code.build().first_twin)) {
    difference = "descriptions";
  }
  if (difference == nullptr && (build.first_twin != theirs.import_func_count + theirs.func_count ||
                                ours.func_count != theirs.func_count + count ||
                                count > theirs.tables[build.twin_table].table_type.init_size ||
                                loaded->description_.points.size() != count)) {
    difference = "numbers of functions";
  }
  if (difference != nullptr) {
    return Status::Error(
        "COMPILED_CODE",
        std::string("Code for going on and code for running differ in their ") + difference);
  }
  *out = std::move(loaded);
  return Status::Ok();
}

Twins::~Twins() {
  if (wamr_ != nullptr) wasm_runtime_unload(wamr_);
}

bool Twins::Has(const FramePoint& at) const {
  const auto found = std::lower_bound(functions().begin(), functions().end(), at.function);
  if (found == functions().end() || *found != at.function) return false;
  const auto& points = description_.points[size_t(found - functions().begin())];
  return !points || std::binary_search(points->begin(), points->end(), at.point);
}

void* Twins::address(size_t place) const {
  const AOTModule& module = *ModuleOf(wamr_);
  return module.func_ptrs[description_.build.first_twin - module.import_func_count + place];
}

uint32_t Twins::type(size_t place) const {
  const AOTModule& module = *ModuleOf(wamr_);
  return module.func_type_indexes[description_.build.first_twin - module.import_func_count + place];
}

}  // namespace wasmsh::engine
