#include <algorithm>
#include <string_view>

#include "wasm/features.h"
#include "wasm/module_parser.h"

namespace wasmsh::wasm {
namespace {

constexpr uint8_t kFunctionForm = 0x60;
constexpr uint8_t kHasMaximum = 0x01;
constexpr uint8_t kShared = 0x02;
constexpr uint8_t kAddress64 = 0x04;
constexpr uint8_t kPageSize = 0x08;
constexpr uint8_t kTagKind = 4;
constexpr uint8_t kTableWithInitialiser = 0x40;
constexpr uint64_t kMaxPages = 65536;

bool ReadRange(Reader* reader, uint8_t flags, Limits* out) {
  out->min = reader->U32();
  if ((flags & kHasMaximum) != 0) out->max = reader->U32();
  return reader->ok();
}

}  // namespace

bool ModuleParser::Value(Reader* reader, ValueType* out) {
  *out = ReadValueType(reader, &unsupported_);
  if (*out == ValueType::kV128) module_->uses_simd = true;
  return reader->ok();
}

bool ModuleParser::Types(Reader* reader) {
  const uint32_t count = reader->Count(2);
  module_->types.reserve(count);
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const uint8_t form = reader->Byte();
    if (reader->ok() && form != kFunctionForm) {
      unsupported_ = FeatureOfTypeForm(form);
      reader->Fail("invalid form of type");
      return false;
    }
    FunctionType type;
    for (std::vector<ValueType>* list : {&type.params, &type.results}) {
      const uint32_t values = reader->Count(1);
      list->resize(values);
      for (uint32_t v = 0; v < values && Value(reader, &(*list)[v]);) ++v;
    }
    module_->types.push_back(std::move(type));
  }
  return reader->ok();
}

bool ModuleParser::Imports(Reader* reader) {
  const uint32_t count = reader->Count(4);
  module_->imports.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    Import import;
    import.module = reader->Name();
    import.name = reader->Name();
    if (!ImportEntry(reader, &import)) return false;
    module_->imports.push_back(std::move(import));
  }
  module_->imported_functions = static_cast<uint32_t>(module_->functions.size());
  return true;
}

bool ModuleParser::ImportEntry(Reader* reader, Import* import) {
  const uint8_t kind = reader->Byte();
  if (!reader->ok()) return false;
  if (kind == kTagKind) return Unsupported(*reader, kFeatureExceptions);
  if (kind > static_cast<uint8_t>(ExternalKind::kGlobal)) {
    return Fail(*reader, "invalid kind of import");
  }
  import->kind = static_cast<ExternalKind>(kind);
  switch (import->kind) {
    case ExternalKind::kFunction: {
      import->type_index = reader->U32();
      if (!reader->ok()) return false;
      if (import->type_index >= module_->types.size()) return Fail(*reader, "unknown type");
      Function function;
      function.type_index = import->type_index;
      function.imported = true;
      module_->functions.push_back(std::move(function));
      module_->function_imports.push_back(static_cast<uint32_t>(module_->imports.size()));
      return true;
    }
    case ExternalKind::kTable:
      if (!Table(reader, &import->table)) return false;
      module_->tables.push_back(import->table);
      return true;
    case ExternalKind::kMemory:
      if (!Memory(reader, &import->memory)) return false;
      module_->memories.push_back(import->memory);
      return true;
    case ExternalKind::kGlobal:
      if (!Global(reader, &import->global)) return false;
      module_->globals.push_back(import->global);
      return true;
  }
  return false;
}

bool ModuleParser::Functions(Reader* reader) {
  const uint32_t count = reader->Count(1);
  module_->functions.reserve(module_->functions.size() + count);
  for (uint32_t i = 0; i < count; ++i) {
    Function function;
    function.type_index = reader->U32();
    if (!reader->ok()) return false;
    if (function.type_index >= module_->types.size()) return Fail(*reader, "unknown type");
    module_->functions.push_back(std::move(function));
  }
  return reader->ok();
}

bool ModuleParser::Table(Reader* reader, TableType* out) {
  if (reader->Peek() == kTableWithInitialiser) return Unsupported(*reader, kFeatureTypedReferences);
  out->element = ReadReferenceType(reader, &unsupported_);
  const uint8_t flags = reader->Byte();
  if (!reader->ok()) return false;
  if ((flags & ~(kHasMaximum | kShared | kAddress64)) != 0) return Fail(*reader, "invalid limits");
  if ((flags & kAddress64) != 0) return Unsupported(*reader, kFeatureMemory64);
  if ((flags & kShared) != 0) return Unsupported(*reader, kFeatureSharedEverything);
  if (!ReadRange(reader, flags, &out->limits)) return false;
  if (out->limits.max && *out->limits.max < out->limits.min) {
    return Fail(*reader, "size minimum must not be greater than maximum");
  }
  return true;
}

bool ModuleParser::Memory(Reader* reader, Limits* out) {
  const uint8_t flags = reader->Byte();
  if (!reader->ok()) return false;
  if ((flags & ~(kHasMaximum | kShared | kAddress64 | kPageSize)) != 0) {
    return Fail(*reader, "invalid limits");
  }
  if ((flags & kAddress64) != 0) return Unsupported(*reader, kFeatureMemory64);
  if ((flags & kPageSize) != 0) return Unsupported(*reader, kFeatureCustomPages);
  if (!module_->memories.empty()) return Unsupported(*reader, kFeatureMultiMemory);
  if (!ReadRange(reader, flags, out)) return false;
  out->shared = (flags & kShared) != 0;
  if (out->shared) module_->uses_threads = true;
  if (out->shared && !out->max) return Fail(*reader, "shared memory must have a maximum");
  if (out->min > kMaxPages || (out->max && *out->max > kMaxPages)) {
    return Fail(*reader, "memory size must be at most 65536 pages");
  }
  if (out->max && *out->max < out->min) {
    return Fail(*reader, "size minimum must not be greater than maximum");
  }
  return true;
}

bool ModuleParser::Global(Reader* reader, GlobalType* out) {
  if (!Value(reader, &out->type)) return false;
  const uint8_t mutability = reader->Byte();
  if (reader->ok() && (mutability & ~kShared) > 1) return Fail(*reader, "invalid mutability");
  if ((mutability & kShared) != 0) return Unsupported(*reader, kFeatureSharedEverything);
  out->is_mutable = mutability == 1;
  return reader->ok();
}

bool ModuleParser::Tables(Reader* reader) {
  const uint32_t count = reader->Count(3);
  for (uint32_t i = 0; i < count; ++i) {
    TableType table;
    if (!Table(reader, &table)) return false;
    module_->tables.push_back(table);
  }
  return reader->ok();
}

bool ModuleParser::Memories(Reader* reader) {
  const uint32_t count = reader->Count(2);
  for (uint32_t i = 0; i < count; ++i) {
    Limits memory;
    if (!Memory(reader, &memory)) return false;
    module_->memories.push_back(memory);
  }
  return reader->ok();
}

bool ModuleParser::Globals(Reader* reader) {
  const uint32_t count = reader->Count(4);
  for (uint32_t i = 0; i < count; ++i) {
    GlobalType global;
    if (!Global(reader, &global) || !Constant(reader, global.type)) return false;
    module_->globals.push_back(global);
  }
  return reader->ok();
}

bool ModuleParser::Exports(Reader* reader) {
  const uint32_t count = reader->Count(3);
  module_->exports.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    Export entry;
    entry.name = reader->Name();
    const uint8_t kind = reader->Byte();
    entry.index = reader->U32();
    if (!reader->ok()) return false;
    if (kind == kTagKind) return Unsupported(*reader, kFeatureExceptions);
    if (kind > static_cast<uint8_t>(ExternalKind::kGlobal)) {
      return Fail(*reader, "invalid kind of export");
    }
    entry.kind = static_cast<ExternalKind>(kind);
    const size_t sizes[] = {module_->functions.size(), module_->tables.size(),
                            module_->memories.size(), module_->globals.size()};
    if (entry.index >= sizes[kind]) return Fail(*reader, "unknown index in an export");
    if (entry.kind == ExternalKind::kFunction && !DeclareReference(*reader, entry.index)) {
      return false;
    }
    module_->exports.push_back(std::move(entry));
  }
  std::vector<std::string_view> names;
  names.reserve(count);
  for (const Export& entry : module_->exports) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) {
    return Fail(*reader, "duplicate export name");
  }
  return reader->ok();
}

bool ModuleParser::Start(Reader* reader) {
  const uint32_t function = reader->U32();
  if (!reader->ok()) return false;
  if (function >= module_->functions.size()) return Fail(*reader, "unknown function");
  const FunctionType& type = module_->TypeOf(function);
  if (!type.params.empty() || !type.results.empty()) {
    return Fail(*reader, "the start function must take and give nothing");
  }
  module_->start = function;
  return true;
}

}  // namespace wasmsh::wasm
