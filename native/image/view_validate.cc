#include "image/view_validate.h"

namespace wasmsh::view {
namespace {

constexpr uint64_t kMaxPages = 65536;

std::string CountMismatch(const char* what, size_t found, size_t expected) {
  return "has " + std::to_string(found) + " " + what + ", the module has " +
         std::to_string(expected);
}

bool IsReference(ValueType type) {
  return type == ValueType::kFuncref || type == ValueType::kExternref;
}

bool FitsReference(const wasm::Module& module, ValueType type, uint64_t reference) {
  if (reference == kNullReference) return true;
  return type == ValueType::kFuncref && reference < module.functions.size();
}

/** Says what is wrong with a reference that does not fit. */
Status RefuseReference(ValueType type, uint64_t reference, const std::string& place) {
  if (type == ValueType::kExternref) {
    return Status::Error("SNAPSHOT_EXTERNREF",
                         place +
                             " is a reference to something of the host, which no snapshot "
                             "can bring back");
  }
  return Invalid(place, "refers to function " + std::to_string(reference) +
                            ", which the module does not have");
}

bool HasStrayBits(const Value& value) {
  const bool narrow = value.type == ValueType::kI32 || value.type == ValueType::kF32;
  if (narrow && value.bits[0] >> 32 != 0) return true;
  return value.type != ValueType::kV128 && value.bits[1] != 0;
}

bool Fits(const wasm::Module& module, const Value& value, ValueType type) {
  if (value.type != type) return false;
  if (HasStrayBits(value)) return false;
  return !IsReference(type) || FitsReference(module, type, value.bits[0]);
}

Status RefuseValue(const Value& value, ValueType type, const std::string& place) {
  if (value.type != type) {
    return Invalid(place, std::string("is ") + wasm::ValueTypeName(value.type) + " instead of " +
                              wasm::ValueTypeName(type));
  }
  if (HasStrayBits(value)) return Invalid(place, "has bits outside its type");
  return RefuseReference(type, value.bits[0], place);
}

Status CheckTable(const wasm::Module& module, const Table& table, const wasm::TableType& type,
                  const std::string& place) {
  if (table.type != type.element) return Invalid(place, "has elements of another type");
  const size_t size = table.elements.size();
  if (size < type.limits.min || (type.limits.max && size > *type.limits.max)) {
    return Invalid(place, "has " + std::to_string(size) + " elements, outside its limits");
  }
  for (size_t i = 0; i < size; ++i) {
    const uint64_t element = table.elements[i];
    if (FitsReference(module, type.element, element)) continue;
    return RefuseReference(type.element, element, place + ", element " + std::to_string(i));
  }
  return Status::Ok();
}

Status CheckInstance(const wasm::Module& module, const Instance& instance,
                     const std::string& place) {
  std::vector<ValueType> global_types;
  for (const wasm::GlobalType& global : module.globals) global_types.push_back(global.type);
  Status status = CheckValues(module, instance.globals, global_types, "global", false, place);
  if (!status.ok()) return status;
  if (instance.tables.size() != module.tables.size()) {
    return Invalid(place, CountMismatch("tables", instance.tables.size(), module.tables.size()));
  }
  for (size_t i = 0; i < module.tables.size(); ++i) {
    status = CheckTable(module, instance.tables[i], module.tables[i],
                        place + ", table " + std::to_string(i));
    if (!status.ok()) return status;
  }
  if (instance.dropped_data.size() != module.data_segments) {
    return Invalid(
        place, CountMismatch("data segments", instance.dropped_data.size(), module.data_segments));
  }
  if (instance.dropped_elements.size() != module.element_segments) {
    return Invalid(place, CountMismatch("element segments", instance.dropped_elements.size(),
                                        module.element_segments));
  }
  return Status::Ok();
}

}  // namespace

Status Invalid(const std::string& place, const std::string& why) {
  return Status::Error("SNAPSHOT_INVALID",
                       "The snapshot does not fit the module: " + place + " " + why);
}

Status CheckValues(const wasm::Module& module, const std::vector<Value>& values,
                   const std::vector<ValueType>& types, const char* what, bool may_lack,
                   const std::string& place) {
  if (values.size() != types.size()) {
    return Invalid(place, "has " + std::to_string(values.size()) + " " + what + "s instead of " +
                              std::to_string(types.size()));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const Value& value = values[i];
    if ((value.available || may_lack) && Fits(module, value, types[i])) continue;
    const std::string own = place + ", " + what + " " + std::to_string(i);
    if (!value.available && !may_lack) return Invalid(own, "has no value");
    return RefuseValue(value, types[i], own);
  }
  return Status::Ok();
}

Status CheckMemories(const View& view, const wasm::Module& module) {
  if (view.memories.size() != module.memories.size()) {
    return Invalid("the state",
                   CountMismatch("memories", view.memories.size(), module.memories.size()));
  }
  for (size_t i = 0; i < module.memories.size(); ++i) {
    const wasm::Limits& limits = module.memories[i];
    const uint64_t pages = view.memories[i].pages;
    if (pages < limits.min || pages > limits.max.value_or(kMaxPages)) {
      return Invalid("memory " + std::to_string(i),
                     "has " + std::to_string(pages) + " pages, outside its limits");
    }
  }
  return Status::Ok();
}

Status CheckInstances(const View& view, const wasm::Module& module) {
  if (view.instances.empty()) return Invalid("the state", "has no instance");
  const bool shared = !module.memories.empty() && module.memories[0].shared;
  if (view.instances.size() > 1 && !shared) {
    return Invalid("the state", "has several instances, but no shared memory");
  }
  for (size_t i = 0; i < view.instances.size(); ++i) {
    Status status = CheckInstance(module, view.instances[i], "instance " + std::to_string(i));
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status Validate(const View& view, wasm::ModuleAnalysis* analysis) {
  const wasm::Module& module = *analysis->module();
  Status status = CheckMemories(view, module);
  if (status.ok()) status = CheckInstances(view, module);
  if (status.ok()) status = CheckEnvironment(view, module);
  if (status.ok()) status = CheckThreads(view, analysis);
  if (status.ok()) status = CheckDescriptors(view);
  return status;
}

}  // namespace wasmsh::view
