#include "engine/compiled/stand_in.h"

#include <string>

#include "wasm/decode.h"
#include "wasm/opcodes.h"
#include "wasm/reader.h"

namespace wasmsh::engine {

namespace {

using wasm::ValueType;

constexpr uint32_t kHeaderBytes = 8;
constexpr uint8_t kFunctionForm = 0x60;

enum SectionId : uint8_t {
  kCustom = 0,
  kTypes = 1,
  kImports = 2,
  kGlobals = 6,
  kCode = 10,
};

/** Bytes of a binary module, as they come. */
class Bytes {
 public:
  void Byte(uint8_t byte) { bytes_.push_back(byte); }
  void U32(uint32_t value) {
    for (; value >= 0x80; value >>= 7) Byte(uint8_t(value | 0x80));
    Byte(uint8_t(value));
  }
  void Range(const uint8_t* from, uint32_t count) {
    bytes_.insert(bytes_.end(), from, from + count);
  }
  void Sized(const Bytes& content) {
    U32(uint32_t(content.bytes_.size()));
    bytes_.insert(bytes_.end(), content.bytes_.begin(), content.bytes_.end());
  }
  void List(const std::vector<ValueType>& types) {
    uint32_t count = 0;
    for (const ValueType type : types) count += type == ValueType::kV128 ? 2 : 1;
    U32(count);
    for (const ValueType type : types) {
      Byte(uint8_t(Scalar(type)));
      if (type == ValueType::kV128) Byte(uint8_t(ValueType::kI64));
    }
  }
  static ValueType Scalar(ValueType type) {
    return type == ValueType::kV128 ? ValueType::kI64 : type;
  }
  std::vector<uint8_t> Take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

void WriteTypes(const wasm::Module& module, Bytes* out) {
  out->U32(uint32_t(module.types.size()));
  for (const wasm::FunctionType& type : module.types) {
    out->Byte(kFunctionForm);
    out->List(type.params);
    out->List(type.results);
  }
}

/** Copies the section, but for the types of globals. The module has been parsed: reads succeed. */
void CopyImports(wasm::Reader* from, const uint8_t* bytes, const wasm::Module& module, Bytes* out) {
  out->U32(from->U32());
  for (const wasm::Import& import : module.imports) {
    const uint32_t begin = from->offset();
    from->Name();
    from->Name();
    const auto kind = wasm::ExternalKind(from->Byte());
    const auto limits = [&] {
      const bool has_maximum = (from->Byte() & 1) != 0;
      from->U32();
      if (has_maximum) from->U32();
    };
    const uint32_t type_at = from->offset();
    switch (kind) {
      case wasm::ExternalKind::kFunction:
        from->U32();
        break;
      case wasm::ExternalKind::kTable:
        from->Byte();
        limits();
        break;
      case wasm::ExternalKind::kMemory:
        limits();
        break;
      case wasm::ExternalKind::kGlobal:
        from->Bytes(2);
        out->Range(bytes + begin, type_at - begin);
        out->Byte(uint8_t(Bytes::Scalar(import.global.type)));
        out->Byte(import.global.is_mutable);
        continue;
    }
    out->Range(bytes + begin, from->offset() - begin);
  }
}

void WriteZeroGlobal(bool is_mutable, Bytes* out) {
  out->Byte(uint8_t(ValueType::kI64));
  out->Byte(is_mutable);
  out->Byte(wasm::kOpI64Const);
  out->Byte(0);
  out->Byte(wasm::kOpEnd);
}

void CopyGlobals(wasm::Reader* from, const uint8_t* bytes, const wasm::Module& module, Bytes* out) {
  const uint32_t count = from->U32();
  uint32_t vectors = 0;
  for (const wasm::GlobalType& global : module.globals) vectors += global.type == ValueType::kV128;
  out->U32(count + vectors);
  for (uint32_t i = uint32_t(module.globals.size()) - count; i < module.globals.size(); ++i) {
    const uint32_t begin = from->offset();
    from->Bytes(2);
    wasm::Decoded decoded;
    do {
      if (!DecodeInstruction(from, &decoded)) return;
    } while (decoded.first != wasm::kOpEnd);
    if (module.globals[i].type == ValueType::kV128) {
      WriteZeroGlobal(module.globals[i].is_mutable, out);
    } else {
      out->Range(bytes + begin, from->offset() - begin);
    }
  }
  for (uint32_t i = 0; i < vectors; ++i) WriteZeroGlobal(true, out);
}

void WriteBodies(const wasm::Module& module, Bytes* out) {
  const uint32_t count = uint32_t(module.functions.size()) - module.imported_functions;
  out->U32(count);
  for (uint32_t i = 0; i < count; ++i) {
    Bytes body;
    body.U32(0);  // locals
    if (i == 0 && module.grows_memory) {
      // WAMR lays a memory that nobody grows out as a single page.
      body.Byte(wasm::kOpI32Const);
      body.Byte(0);
      body.Byte(wasm::kOpMemoryGrow);
      body.Byte(0);
      body.Byte(wasm::kOpDrop);
    }
    if (i == 0) {
      // Nor has it room for more elements in a table that nobody grows.
      for (const uint32_t table : module.grown_tables) {
        if (table >= module.tables.size()) continue;  // the body is refused elsewhere
        body.Byte(wasm::kOpRefNull);
        body.Byte(uint8_t(module.tables[table].element));
        body.Byte(wasm::kOpI32Const);
        body.Byte(0);
        body.Byte(wasm::kMiscPrefix);
        body.U32(wasm::kMiscTableGrow);
        body.U32(table);
        body.Byte(wasm::kOpDrop);
      }
    }
    body.Byte(wasm::kOpUnreachable);
    body.Byte(wasm::kOpEnd);
    out->Sized(body);
  }
}

}  // namespace

std::vector<uint8_t> StandIn(const wasm::Module& module) {
  const uint8_t* bytes = module.bytes->data();
  const uint32_t end = uint32_t(module.bytes->size());
  Bytes out;
  out.Range(bytes, kHeaderBytes);
  wasm::Reader reader(bytes, kHeaderBytes, end);
  while (!reader.at_end() && reader.ok()) {
    const uint8_t id = reader.Byte();
    const uint32_t size = reader.U32();
    const uint32_t begin = reader.offset();
    if (reader.Bytes(size) == nullptr || id == kCustom) continue;
    wasm::Reader section(bytes, begin, begin + size);
    Bytes content;
    switch (id) {
      case kTypes:
        WriteTypes(module, &content);
        break;
      case kImports:
        CopyImports(&section, bytes, module, &content);
        break;
      case kGlobals:
        CopyGlobals(&section, bytes, module, &content);
        break;
      case kCode:
        WriteBodies(module, &content);
        break;
      default:
        content.Range(bytes + begin, size);
    }
    out.Byte(id);
    out.Sized(content);
  }
  return out.Take();
}

uint32_t HighHalfGlobal(const wasm::Module& module, uint32_t global) {
  uint32_t number = uint32_t(module.globals.size());
  for (uint32_t i = 0; i < global; ++i) number += module.globals[i].type == ValueType::kV128;
  return number;
}

}  // namespace wasmsh::engine
