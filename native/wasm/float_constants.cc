#include "wasm/float_constants.h"

#include <algorithm>

#include "wasm/decode.h"
#include "wasm/reader.h"

namespace wasmsh::wasm {
namespace {

constexpr uint8_t kEnd = 0x0b;
constexpr uint8_t kF32Const = 0x43;
constexpr uint8_t kF64Const = 0x44;
constexpr uint8_t kGlobalSection = 6;
constexpr uint32_t kHeaderBytes = 8;

class Reversal {
 public:
  Reversal(const Module& module, std::vector<uint8_t>* to) : module_(module), to_(*to) {}

  Status Run() {
    for (const Function& function : module_.functions) {
      if (function.imported) continue;
      Reader reader(module_.bytes->data(), function.code_start, function.code_end);
      while (reader.ok() && !reader.at_end()) Instruction(&reader);
      if (!reader.ok()) return Invalid();
    }
    return Globals();
  }

 private:
  /** Reads one instruction and returns its first byte. */
  uint8_t Instruction(Reader* reader) {
    Decoded decoded;
    if (!DecodeInstruction(reader, &decoded)) {
      reader->Fail("an unknown instruction");
      return kEnd;
    }
    if (decoded.first == kF32Const || decoded.first == kF64Const) {
      std::reverse(to_.begin() + decoded.begin + 1, to_.begin() + decoded.end);
    }
    return decoded.first;
  }

  Status Globals() {
    const auto& bytes = *module_.bytes;
    Reader sections(bytes.data(), kHeaderBytes, uint32_t(bytes.size()));
    while (sections.ok() && !sections.at_end()) {
      const uint8_t id = sections.Byte();
      const uint32_t size = sections.U32();
      const uint32_t begin = sections.offset();
      if (sections.Bytes(size) == nullptr) break;
      if (id == kGlobalSection && !InitialValues(begin, begin + size)) return Invalid();
    }
    return sections.ok() ? Status::Ok() : Invalid();
  }

  bool InitialValues(uint32_t begin, uint32_t end) {
    Reader reader(module_.bytes->data(), begin, end);
    for (uint32_t left = reader.Count(4); left > 0 && reader.ok(); --left) {
      reader.Byte();  // type
      reader.Byte();  // mutability
      while (reader.ok() && Instruction(&reader) != kEnd) {
      }
    }
    return reader.ok();
  }

  Status Invalid() const {
    return Status::Error("MODULE_INVALID", "The module has constants that cannot be read");
  }

  const Module& module_;
  std::vector<uint8_t>& to_;
};

}  // namespace

Status ReverseFloatConstants(const Module& module, std::vector<uint8_t>* bytes) {
  return Reversal(module, bytes).Run();
}

}  // namespace wasmsh::wasm
