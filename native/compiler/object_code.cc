#include "compiler/object_code.h"

#include <llvm/Support/MathExtras.h>

namespace wasmsh::compiler {
namespace {

Status Broken(const std::string& what) {
  return Status::Error("COMPILE_FAILED", "the object file cannot be read: " + what);
}

std::string Large(const std::string& text) { return ".l" + text.substr(1); }

/** What cannot be had is nothing. */
template <typename Value>
std::optional<Value> Or(llvm::Expected<Value> value) {
  if (value) return *value;
  llvm::consumeError(value.takeError());
  return std::nullopt;
}

llvm::StringRef NameOf(const llvm::object::SectionRef& section) {
  return Or(section.getName()).value_or("");
}

}  // namespace

Status ObjectCode::Read(llvm::MemoryBufferRef buffer) {
  auto object = llvm::object::ObjectFile::createELFObjectFile(buffer);
  if (!object) return Broken(llvm::toString(object.takeError()));
  object_ = std::move(*object);
  // WAMR joins the sections of code in this order: aot_resolve_functions.
  uint64_t start = 0;
  for (const char* name : {".text", ".text.unlikely.", ".text.hot."}) {
    for (const auto& section : object_->sections()) {
      const llvm::StringRef found = NameOf(section);
      if (found != name && found != Large(name)) continue;
      starts_[found.str()] = start;
      start = llvm::alignTo(start + section.getSize(), 4);
    }
  }
  for (const llvm::object::ELFSymbolRef symbol : object_->symbols()) {
    const auto name = Or(symbol.getName());
    const auto place = PlaceOf(symbol);
    if (name && place) functions_[name->str()] = {*place, symbol.getSize()};
  }
  return Status::Ok();
}

Status ObjectCode::Section(const std::string& name, std::string* contents) const {
  contents->clear();
  for (const auto& section : object_->sections()) {
    if (NameOf(section) != name) continue;
    llvm::Expected<llvm::StringRef> found = section.getContents();
    if (!found) return Broken(llvm::toString(found.takeError()));
    *contents = found->str();
  }
  return Status::Ok();
}

Status ObjectCode::PlacesIn(const std::string& name, std::map<uint64_t, uint64_t>* places) const {
  for (const auto& section : object_->sections()) {
    const auto target = Or(section.getRelocatedSection());
    if (!target || *target == object_->section_end() || NameOf(**target) != name) continue;
    for (const llvm::object::ELFRelocationRef relocation : section.relocations()) {
      const auto symbol = relocation.getSymbol();
      const auto place = symbol == object_->symbol_end() ? std::nullopt : PlaceOf(*symbol);
      const auto addend = Or(relocation.getAddend());
      if (!place || !addend) return Broken("an address in " + name + " is none of code");
      (*places)[relocation.getOffset()] = *place + uint64_t(*addend);
    }
  }
  return Status::Ok();
}

std::optional<uint64_t> ObjectCode::PlaceOf(const llvm::object::ELFSymbolRef& symbol) const {
  const auto section = Or(symbol.getSection());
  const auto address = Or(symbol.getAddress());
  if (!section || !address || *section == object_->section_end()) return std::nullopt;
  const auto start = starts_.find(NameOf(**section).str());
  if (start == starts_.end()) return std::nullopt;
  return start->second + *address;
}

}  // namespace wasmsh::compiler
