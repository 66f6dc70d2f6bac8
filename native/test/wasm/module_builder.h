#ifndef WASMSH_TEST_WASM_MODULE_BUILDER_H_
#define WASMSH_TEST_WASM_MODULE_BUILDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "test/check.h"
#include "wasm/analysis.h"
#include "wasm/module.h"
#include "wasm/opcodes.h"

/** Assembles modules byte by byte, wrong ones as well. */
namespace wasmsh::test {

using Bytes = std::vector<uint8_t>;
using wasm::ValueType;

inline void Append(Bytes* out, const Bytes& bytes) {
  out->insert(out->end(), bytes.begin(), bytes.end());
}

inline Bytes Concat(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) Append(&out, part);
  return out;
}

/** An unsigned LEB of at least `width` bytes. */
inline Bytes Leb(uint64_t value, uint32_t width = 1) {
  Bytes out;
  do {
    const uint8_t digit = value & 0x7f;
    value >>= 7;
    out.push_back(value != 0 || out.size() + 1 < width ? digit | 0x80 : digit);
  } while (value != 0 || out.size() < width);
  return out;
}

/** A length and the bytes: names, sections, bodies. */
inline Bytes Sized(const Bytes& bytes) { return Concat({Leb(bytes.size()), bytes}); }

inline Bytes Text(const std::string& text) { return Bytes(text.begin(), text.end()); }

inline Bytes TypeBytes(const std::vector<ValueType>& types) {
  Bytes out = Leb(types.size());
  for (const ValueType type : types) out.push_back(static_cast<uint8_t>(type));
  return out;
}

inline Bytes LimitBytes(uint32_t min, uint32_t max, bool shared) {
  return Concat({{static_cast<uint8_t>(shared ? 3 : 1)}, Leb(min), Leb(max)});
}

class ModuleBuilder {
 public:
  uint32_t Type(const std::vector<ValueType>& params, const std::vector<ValueType>& results = {}) {
    return Entry(1, Concat({{0x60}, TypeBytes(params), TypeBytes(results)}));
  }

  /** Imports come before functions. */
  uint32_t ImportFunction(const std::string& module, const std::string& name, uint32_t type) {
    Entry(2, Concat({Sized(Text(module)), Sized(Text(name)), {0x00}, Leb(type)}));
    return functions_++;
  }

  /** Adds a function whose body is `code`, the final 0x0b included. */
  uint32_t Function(uint32_t type, const std::vector<ValueType>& locals, const Bytes& code) {
    Entry(3, Leb(type));
    Bytes body = Leb(locals.size());
    for (const ValueType local : locals) Append(&body, {1, static_cast<uint8_t>(local)});
    Append(&body, code);
    Entry(10, Sized(body));
    return functions_++;
  }

  void Table(ValueType element, uint32_t min, uint32_t max) {
    Entry(4, Concat({{static_cast<uint8_t>(element)}, LimitBytes(min, max, false)}));
  }
  void Memory(uint32_t min, uint32_t max, bool shared = false) {
    Entry(5, LimitBytes(min, max, shared));
  }
  /** `constant` without its end. */
  void Global(ValueType type, bool is_mutable, const Bytes& constant) {
    const uint8_t mutability = is_mutable ? 1 : 0;
    Entry(6, Concat({{static_cast<uint8_t>(type), mutability}, constant, {0x0b}}));
  }
  void Export(const std::string& name, wasm::ExternalKind kind, uint32_t index) {
    Entry(7, Concat({Sized(Text(name)), {static_cast<uint8_t>(kind)}, Leb(index)}));
  }
  void ExportFunction(const std::string& name, uint32_t index) {
    Export(name, wasm::ExternalKind::kFunction, index);
  }
  void Start(uint32_t function) { Section(8, Leb(function)); }
  /** A passive segment. */
  void Elements(const std::vector<uint32_t>& functions) {
    Bytes out = {0x01, 0x00};
    Append(&out, Leb(functions.size()));
    for (const uint32_t function : functions) Append(&out, Leb(function));
    Entry(9, out);
  }
  void ElementSegment(const Bytes& bytes) { Entry(9, bytes); }
  void DataCount(uint32_t count) { Section(12, Leb(count)); }
  void PassiveData(const std::string& contents) {
    Entry(11, Concat({{0x01}, Sized(Text(contents))}));
  }
  /** Follows all other sections. */
  void Custom(const std::string& name, const Bytes& contents) {
    Append(&customs_, Concat({{0x00}, Sized(Concat({Sized(Text(name)), contents}))}));
  }

  /** Puts `contents` in place of a section's that the calls above made up. */
  void Section(uint8_t id, const Bytes& contents) { overrides_[id] = contents; }

  Bytes Build() const {
    Bytes out = {0x00, 'a', 's', 'm', 1, 0, 0, 0};
    for (const uint8_t id : {1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11}) {
      const auto list = lists_.find(id);
      const auto override = overrides_.find(id);
      Bytes contents;
      if (list != lists_.end()) contents = Concat({Leb(list->second.first), list->second.second});
      if (override != overrides_.end()) contents = override->second;
      if (!contents.empty()) Append(&out, Concat({{id}, Sized(contents)}));
    }
    Append(&out, customs_);
    return out;
  }

 private:
  uint32_t Entry(uint8_t section, const Bytes& bytes) {
    std::pair<uint32_t, Bytes>& list = lists_[section];
    Append(&list.second, bytes);
    return list.first++;
  }

  std::map<uint8_t, std::pair<uint32_t, Bytes>> lists_;
  std::map<uint8_t, Bytes> overrides_;
  Bytes customs_;
  uint32_t functions_ = 0;
};

/** Parses; a failure fails the test. */
inline std::shared_ptr<const wasm::Module> Parsed(const Bytes& bytes) {
  std::shared_ptr<const wasm::Module> module;
  CHECK_OK(wasm::Module::Parse(std::make_shared<const Bytes>(bytes), &module));
  return module;
}

/** The error of a module that must be refused. */
inline Status ParseError(const Bytes& bytes) {
  std::shared_ptr<const wasm::Module> module;
  Status status = wasm::Module::Parse(std::make_shared<const Bytes>(bytes), &module);
  CHECK(!status.ok());
  CHECK(module == nullptr);
  return status;
}

/** Analyses a function; a failure fails the test. */
inline std::shared_ptr<const wasm::FunctionAnalysis> Analysed(
    const std::shared_ptr<const wasm::Module>& module, uint32_t function) {
  std::shared_ptr<const wasm::FunctionAnalysis> analysis;
  CHECK_OK(wasm::FunctionAnalysis::Make(module, function, &analysis));
  return analysis;
}

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace wasmsh::test

#endif  // WASMSH_TEST_WASM_MODULE_BUILDER_H_
