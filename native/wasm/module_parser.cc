#include "wasm/module_parser.h"

#include <cstdio>
#include <cstring>

#include "wasm/features.h"

namespace wasmsh::wasm {
namespace {

constexpr uint8_t kMagic[4] = {0x00, 'a', 's', 'm'};
constexpr uint32_t kHeaderBytes = 8;
constexpr uint8_t kCustomSection = 0;
constexpr uint8_t kTagSection = 13;

struct SectionKind {
  const char* name;
  uint8_t order;  // position that the specification gives it; 0 for custom sections
};

/** By section id. */
constexpr SectionKind kSections[] = {
    {"custom section", 0},     {"type section", 1},   {"import section", 2},
    {"function section", 3},   {"table section", 4},  {"memory section", 5},
    {"global section", 7},     {"export section", 8}, {"start section", 9},
    {"element section", 10},   {"code section", 12},  {"data section", 13},
    {"data count section", 11}};
constexpr uint8_t kSectionKinds = sizeof(kSections) / sizeof(kSections[0]);

std::string Hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

bool StartsWith(const std::vector<uint8_t>& bytes, const char* text) {
  const size_t size = std::strlen(text);
  return bytes.size() >= size && std::memcmp(bytes.data(), text, size) == 0;
}

/** What a file that is no module seems to be, for the message. */
const char* Guess(const std::vector<uint8_t>& bytes) {
  if (bytes.empty()) return "the file is empty";
  if (StartsWith(bytes, "(module") || StartsWith(bytes, ";;") || StartsWith(bytes, "(;")) {
    return "it is WebAssembly text, which wat2wasm translates";
  }
  if (std::memcmp(bytes.data(), "\0aot", bytes.size() < 4 ? bytes.size() : 4) == 0) {
    return bytes.size() < 4 ? "it ends before its header" : "it is compiled code of WAMR";
  }
  if (StartsWith(bytes,
                 "\x7f"
                 "ELF"))
    return "it is a native program";
  if (StartsWith(bytes, "BC\xc0\xde")) return "it is LLVM bitcode";
  if (StartsWith(bytes, "!<arch>")) return "it is a library archive";
  if (StartsWith(bytes, "#!")) return "it is a script";
  return "it does not begin with \\0asm";
}

}  // namespace

Status ModuleParser::Run() {
  if (!Header()) return status_;
  Reader file(bytes_.data(), kHeaderBytes, static_cast<uint32_t>(bytes_.size()));
  uint8_t last_order = 0;
  while (!file.at_end()) {
    const uint32_t at = file.offset();
    const uint8_t id = file.Byte();
    const uint32_t size = file.U32();
    const bool known = id < kSectionKinds;
    place_ = known ? kSections[id].name : "section " + std::to_string(id);
    if (!file.ok() && file.at_end()) {
      Truncated("The module ends inside the header of the section at byte " + Hex(at));
      return status_;
    }
    if (!file.ok()) return FailReading(file), status_;
    if (id == kTagSection) return Unsupported(file, kFeatureExceptions), status_;
    if (!known) return Fail(file, "unknown section id"), status_;
    if (size > file.remaining()) {
      Truncated("The module ends inside its " + place_ + ", " +
                std::to_string(size - file.remaining()) + " bytes too early");
      return status_;
    }
    Reader section(bytes_.data(), file.offset(), file.offset() + size);
    file.Bytes(size);
    if (id != kCustomSection) {
      if (kSections[id].order <= last_order) {
        Fail(section, "the section is repeated or out of order");
        return status_;
      }
      last_order = kSections[id].order;
    }
    if (!Section(id, &section)) return status_;
  }
  if (!CheckWhole()) return status_;
  return Status::Ok();
}

bool ModuleParser::Header() {
  if (bytes_.size() < sizeof(kMagic) || std::memcmp(bytes_.data(), kMagic, sizeof(kMagic)) != 0) {
    status_ =
        Status::Error("MODULE_NOT_WASM", std::string("Not a WebAssembly module: ") + Guess(bytes_));
    return false;
  }
  if (bytes_.size() < kHeaderBytes) return Truncated("The module ends inside its header");
  const Reader place(bytes_.data(), sizeof(kMagic), kHeaderBytes);
  if (bytes_.size() > UINT32_MAX) return Fail(place, "it is over 4 GiB long");
  Reader reader = place;
  const uint32_t version = reader.Fixed32();
  if (version == 1) return true;
  // The upper half is the layer: 1 is the component model.
  if (version >> 16 == 1) return Unsupported(place, kFeatureComponents);
  status_ =
      Status::Error("UNSUPPORTED_FEATURE", "The module has version " + std::to_string(version) +
                                               " of the binary format; wasmsh reads version 1");
  return false;
}

bool ModuleParser::Section(uint8_t id, Reader* reader) {
  bool done = true;
  switch (id) {
    case kCustomSection:
      if (reader->Name() == "name") ReadNameSection(*reader, module_);
      // Contents of custom sections are nobody's business; only their name must be there.
      return reader->ok() || FailReading(*reader);
    case 1:
      done = Types(reader);
      break;
    case 2:
      done = Imports(reader);
      break;
    case 3:
      done = Functions(reader);
      break;
    case 4:
      done = Tables(reader);
      break;
    case 5:
      done = Memories(reader);
      break;
    case 6:
      done = Globals(reader);
      break;
    case 7:
      done = Exports(reader);
      break;
    case 8:
      done = Start(reader);
      break;
    case 9:
      done = Elements(reader);
      break;
    case 10:
      done = Code(reader);
      break;
    case 11:
      done = Data(reader);
      break;
    case 12:
      done = DataCount(reader);
      break;
    default:
      break;
  }
  if (!done || !reader->ok()) return FailReading(*reader);
  if (!reader->at_end()) return Fail(*reader, "the section is longer than its contents");
  return true;
}

bool ModuleParser::CheckWhole() {
  const uint32_t declared =
      static_cast<uint32_t>(module_->functions.size()) - module_->imported_functions;
  if (bodies_ != declared) {
    // Only a missing section gets here: Code compares the numbers itself.
    return Truncated("The module ends before its code section; it declares " +
                     std::to_string(declared) + " functions");
  }
  if (has_data_count_ && data_count_ != module_->data_segments) {
    return Truncated("The module ends before its data section; it announces " +
                     std::to_string(data_count_) + " data segments");
  }
  module_->declared_references.resize(module_->functions.size());
  return true;
}

bool ModuleParser::Fail(const Reader& reader, const std::string& message) {
  if (!status_.ok()) return false;
  status_ = Status::Error("MODULE_INVALID", "The module's " + place_ + " is invalid at byte " +
                                                Hex(reader.offset()) + ": " + message);
  return false;
}

bool ModuleParser::FailReading(const Reader& reader) {
  if (unsupported_ != nullptr) return Unsupported(reader, unsupported_);
  return Fail(reader, reader.error() == nullptr ? "malformed" : reader.error());
}

bool ModuleParser::Unsupported(const Reader& reader, const char* feature) {
  if (!status_.ok()) return false;
  status_ = Status::Error("UNSUPPORTED_FEATURE", std::string("The module needs ") + feature +
                                                     ", which wasmsh does not run (" + place_ +
                                                     " at byte " + Hex(reader.offset()) + ")");
  return false;
}

bool ModuleParser::Truncated(const std::string& message) {
  if (status_.ok()) status_ = Status::Error("MODULE_TRUNCATED", message);
  return false;
}

}  // namespace wasmsh::wasm
