#include <algorithm>
#include <utility>

#include "wasm/module_parser.h"

// The "name" custom section (core specification, appendix 7.4; globals: extended-name-section
// proposal). It is advice: what is malformed is left out, and nothing fails.

namespace wasmsh::wasm {
namespace {

using NameMap = std::vector<std::pair<uint32_t, std::string>>;

enum Subsection : uint8_t {
  kModuleName = 0,
  kFunctionNames = 1,
  kLocalNames = 2,
  kGlobalNames = 7,
};

template <typename T>
void SortByIndex(std::vector<std::pair<uint32_t, T>>* map) {
  const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  std::stable_sort(map->begin(), map->end(), less);
  map->erase(std::unique(map->begin(), map->end(), same), map->end());
}

NameMap ReadNames(Reader* reader) {
  NameMap names;
  const uint32_t count = reader->Count(2);
  names.reserve(count);
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const uint32_t index = reader->U32();
    names.emplace_back(index, reader->Name());
  }
  SortByIndex(&names);
  return names;
}

std::vector<std::pair<uint32_t, NameMap>> ReadLocalNames(Reader* reader) {
  std::vector<std::pair<uint32_t, NameMap>> functions;
  const uint32_t count = reader->Count(2);
  functions.reserve(count);
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const uint32_t function = reader->U32();
    functions.emplace_back(function, ReadNames(reader));
  }
  SortByIndex(&functions);
  return functions;
}

}  // namespace

void ReadNameSection(Reader reader, Module* module) {
  std::string module_name;
  NameMap function_names;
  NameMap global_names;
  std::vector<std::pair<uint32_t, NameMap>> local_names;
  while (!reader.at_end()) {
    const uint8_t id = reader.Byte();
    const uint32_t size = reader.U32();
    const uint32_t begin = reader.offset();
    const uint8_t* bytes = reader.Bytes(size);
    if (bytes == nullptr) return;
    Reader subsection(bytes - begin, begin, begin + size);
    if (id == kModuleName) module_name = subsection.Name();
    if (id == kFunctionNames) function_names = ReadNames(&subsection);
    if (id == kLocalNames) local_names = ReadLocalNames(&subsection);
    if (id == kGlobalNames) global_names = ReadNames(&subsection);
    if (!subsection.ok()) return;
  }
  module->module_name = std::move(module_name);
  module->function_names = std::move(function_names);
  module->global_names = std::move(global_names);
  module->local_names = std::move(local_names);
}

}  // namespace wasmsh::wasm
