#ifndef WASMSH_WASM_MODULE_PARSER_H_
#define WASMSH_WASM_MODULE_PARSER_H_

#include <cstdint>
#include <string>

#include "status.h"
#include "wasm/decode.h"
#include "wasm/module.h"
#include "wasm/reader.h"

namespace wasmsh::wasm {

/**
 * Fills a Module from its bytes, section by section (core specification, 5.5). Methods give false
 * once `status_` or their reader has an error. The work is spread over module_*.cc by subject.
 */
class ModuleParser {
 public:
  explicit ModuleParser(Module* module) : module_(module), bytes_(*module->bytes) {}
  Status Run();

 private:
  // module_parser.cc
  bool Header();
  bool Section(uint8_t id, Reader* reader);
  bool CheckWhole();
  /** Records an error, with the place: the section and the reader's offset. */
  bool Fail(const Reader& reader, const std::string& message);
  bool FailReading(const Reader& reader);
  bool Unsupported(const Reader& reader, const char* feature);
  bool Truncated(const std::string& message);

  // module_sections.cc
  bool Types(Reader* reader);
  bool Imports(Reader* reader);
  bool ImportEntry(Reader* reader, Import* import);
  bool Functions(Reader* reader);
  bool Tables(Reader* reader);
  bool Memories(Reader* reader);
  bool Globals(Reader* reader);
  bool Exports(Reader* reader);
  bool Start(Reader* reader);
  bool Value(Reader* reader, ValueType* out);
  bool Table(Reader* reader, TableType* out);
  bool Memory(Reader* reader, Limits* out);
  bool Global(Reader* reader, GlobalType* out);

  // module_segments.cc
  bool Elements(Reader* reader);
  bool ElementItems(Reader* reader, bool expressions, ValueType type);
  bool DataCount(Reader* reader);
  bool Data(Reader* reader);
  /** Checks a constant expression of one result (core specification, 3.4.14, with the extended
   *  constant expressions proposal). */
  bool Constant(Reader* reader, ValueType type);
  bool ConstantStep(Reader* reader, const Decoded& decoded, std::vector<ValueType>* stack);
  bool DeclareReference(const Reader& reader, uint32_t function);

  // module_code.cc
  bool Code(Reader* reader);
  bool Locals(Reader* reader, Function* function);
  bool Body(Reader* reader, Function* function);

  Module* module_;
  const std::vector<uint8_t>& bytes_;
  Status status_;
  std::string place_ = "header";
  const char* unsupported_ = nullptr;  // set by readers of types
  uint32_t bodies_ = 0;
  uint64_t locals_ = 0;  // of all functions
  bool has_data_count_ = false;
  uint32_t data_count_ = 0;
  bool names_data_ = false;  // a body has memory.init or data.drop
};

/** Reads the "name" custom section's contents into the module; leaves it alone when malformed. */
void ReadNameSection(Reader reader, Module* module);

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_MODULE_PARSER_H_
