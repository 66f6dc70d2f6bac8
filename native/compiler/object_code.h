#ifndef WASMSH_COMPILER_OBJECT_CODE_H_
#define WASMSH_COMPILER_OBJECT_CODE_H_

#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/MemoryBufferRef.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "status.h"

namespace wasmsh::compiler {

/** An object file that LLVM has made, and where its code will be in what WAMR loads as text. */
class ObjectCode {
 public:
  struct Function {
    uint64_t start = 0;  // in that text
    uint64_t size = 0;
  };

  /** The buffer has to outlive this object. Codes: COMPILE_FAILED. */
  Status Read(llvm::MemoryBufferRef buffer);

  const std::map<std::string, Function>& functions() const { return functions_; }
  /** Contents of a section; empty when there is none of that name. Codes: COMPILE_FAILED. */
  Status Section(const std::string& name, std::string* contents) const;
  /** What relocations put into a section, by where: places in the text. Codes: COMPILE_FAILED for
   *  places elsewhere. */
  Status PlacesIn(const std::string& section, std::map<uint64_t, uint64_t>* places) const;

 private:
  std::optional<uint64_t> PlaceOf(const llvm::object::ELFSymbolRef& symbol) const;

  std::unique_ptr<llvm::object::ObjectFile> object_;
  std::map<std::string, uint64_t> starts_;  // of sections, in the text
  std::map<std::string, Function> functions_;
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_OBJECT_CODE_H_
