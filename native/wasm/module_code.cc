#include "wasm/module_parser.h"

namespace wasmsh::wasm {
namespace {

/** WAMR refuses functions whose locals take more cells (wasm_loader.c, "local count too large"). */
constexpr uint32_t kMaxLocals = 65535;
/** Of all functions together: a local takes no byte in the file, but one here. */
constexpr uint64_t kMaxLocalsOfModule = 64 << 20;

bool OpensBlock(uint8_t opcode) {
  return opcode == kOpBlock || opcode == kOpLoop || opcode == kOpIf;
}

}  // namespace

bool ModuleParser::Code(Reader* reader) {
  const uint32_t count = reader->Count(3);
  if (!reader->ok()) return false;
  if (count != module_->functions.size() - module_->imported_functions) {
    return Fail(*reader, "function and code section have inconsistent lengths");
  }
  for (uint32_t i = 0; i < count; ++i) {
    place_ = "code section (function " + std::to_string(module_->imported_functions + i) + ")";
    const uint32_t size = reader->U32();
    const uint32_t begin = reader->offset();
    if (reader->Bytes(size) == nullptr) return false;
    Reader body(bytes_.data(), begin, begin + size);
    Function* function = &module_->functions[module_->imported_functions + i];
    if (!Locals(&body, function) || !Body(&body, function)) return FailReading(body);
  }
  bodies_ = count;
  place_ = "code section";
  if (names_data_ && !has_data_count_) {
    return Fail(*reader, "data count section required by memory.init or data.drop");
  }
  return true;
}

bool ModuleParser::Locals(Reader* reader, Function* function) {
  const uint32_t groups = reader->Count(2);
  for (uint32_t i = 0; i < groups; ++i) {
    const uint32_t count = reader->U32();
    ValueType type = ValueType::kI32;
    if (!Value(reader, &type)) return false;
    if (count > kMaxLocals - function->locals.size()) {
      return Fail(*reader, "too many locals: over 65535 in one function");
    }
    locals_ += count;
    if (locals_ > kMaxLocalsOfModule) {
      return Fail(*reader, "too many locals: over 67108864 in all functions");
    }
    function->locals.insert(function->locals.end(), count, type);
  }
  function->code_start = reader->offset();
  function->code_end = reader->end();
  return reader->ok();
}

bool ModuleParser::Body(Reader* reader, Function* function) {
  Decoded decoded;
  uint32_t depth = 1;
  while (depth > 0) {
    if (!DecodeInstruction(reader, &decoded)) {
      unsupported_ = decoded.unsupported;
      return false;
    }
    if (decoded.first == kOpEnd) {
      --depth;
    } else if (OpensBlock(decoded.first)) {
      ++depth;
    } else if (decoded.first == kOpReturnCall || decoded.first == kOpReturnCallIndirect) {
      function->has_tail_calls = true;
      module_->uses_tail_calls = true;
    } else if (decoded.first == kOpMemoryGrow) {
      module_->grows_memory = true;
    } else if (decoded.first == kVectorPrefix) {
      module_->uses_simd = true;
    } else if (decoded.first == kAtomicPrefix) {
      module_->uses_threads = true;
    } else if (decoded.first == kMiscPrefix) {
      const Immediate immediate = decoded.opcode->immediate;
      if (decoded.sub_opcode == kMiscTableGrow) module_->grown_tables.insert(decoded.index);
      if (immediate == Immediate::kMemoryInit || immediate == Immediate::kData) names_data_ = true;
    }
  }
  if (!reader->at_end()) return Fail(*reader, "instructions follow the function's end");
  return true;
}

}  // namespace wasmsh::wasm
