#include "compiler/trap_table.h"

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/Support/Endian.h>
#include <llvm/Support/LEB128.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Support/xxhash.h>

#include <algorithm>
#include <map>
#include <utility>

#include "compiler/address_section.h"
#include "compiler/instruction_places.h"
#include "compiler/object_code.h"
#include "compiler/write_file.h"
#include "engine/compiled/trap_table_format.h"

namespace wasmsh::compiler {
namespace {

namespace format = engine::trap_table;

TrapTable* active_table = nullptr;

Status Broken(const std::string& what) {
  return Status::Error("COMPILE_FAILED", "the table of traps cannot be made: " + what);
}

/** 0 for nothing. */
uint64_t Encoded(std::optional<uint32_t> number) { return number ? uint64_t{*number} + 1 : 0; }

/** Takes the addresses of the labels, in the order in which they were written. */
class Addresses {
 public:
  explicit Addresses(const std::string& bytes) : bytes_(bytes) {}
  uint32_t Next() {
    if (bytes_.size() - at_ < kAddressBytes) {
      has_enough_ = false;
      return 0;
    }
    const uint32_t address = llvm::support::endian::read32le(bytes_.data() + at_);
    at_ += kAddressBytes;
    return address;
  }
  bool AreAllTaken() const { return has_enough_ && at_ == bytes_.size(); }

 private:
  const std::string& bytes_;
  size_t at_ = 0;
  bool has_enough_ = true;
};

/** The functions that were inlined into one: each is called from another, or from that one. */
class InlinedCalls {
 public:
  /** Number of the one that a location is in; 0 for the function itself. */
  uint32_t NumberOf(const llvm::DILocation& location) {
    const llvm::DILocation* call = location.getInlinedAt();
    if (call == nullptr) return 0;
    const auto key = std::make_pair(call, location.getScope()->getSubprogram());
    if (const auto known = numbers_.find(key); known != numbers_.end()) return known->second;
    const uint32_t parent = NumberOf(*call);
    calls_.push_back({Encoded(FunctionOf(location)), Encoded(PcOf(*call)), parent});
    return numbers_[key] = static_cast<uint32_t>(calls_.size());
  }
  void Write(llvm::raw_ostream& out) const {
    llvm::encodeULEB128(calls_.size(), out);
    for (const Call& call : calls_) {
      llvm::encodeULEB128(call.function, out);
      llvm::encodeULEB128(call.pc, out);
      llvm::encodeULEB128(call.parent, out);
    }
  }

 private:
  struct Call {
    uint64_t function, pc;
    uint32_t parent;
  };
  std::vector<Call> calls_;
  std::map<std::pair<const llvm::DILocation*, const llvm::DISubprogram*>, uint32_t> numbers_;
};

void WriteFunction(const MarkedFunction& function, Addresses* addresses, llvm::raw_ostream& out) {
  InlinedCalls inlined;
  llvm::SmallString<256> instructions;
  llvm::raw_svector_ostream instructions_out(instructions);
  uint32_t last = 0;
  uint64_t count = 0;
  for (const MarkedInstruction& one : function.instructions) {
    const uint32_t address = addresses->Next();
    if (one.location == nullptr) continue;
    llvm::encodeULEB128(address - last, instructions_out);
    llvm::encodeULEB128(Encoded(PcOf(*one.location)), instructions_out);
    llvm::encodeULEB128(2 * uint64_t{inlined.NumberOf(*one.location)} + (one.is_call ? 1 : 0),
                        instructions_out);
    last = address;
    ++count;
  }
  llvm::encodeULEB128(function.scope ? Encoded(FunctionOf(*function.scope)) : 0, out);
  inlined.Write(out);
  llvm::encodeULEB128(function.rows.size(), out);
  last = 0;
  for (const FrameRow& row : function.rows) {
    const uint32_t address = addresses->Next();
    llvm::encodeULEB128(address - last, out);
    out << static_cast<char>(row.base + (row.is_set_up ? 0 : format::kIsBeingSetUp));
    llvm::encodeSLEB128(row.offset, out);
    llvm::encodeSLEB128(row.return_address, out);
    llvm::encodeSLEB128(row.frame_pointer, out);
    last = address;
  }
  llvm::encodeULEB128(count, out);
  out << instructions;
}

}  // namespace

TrapTable::TrapTable() { active_table = this; }
TrapTable::~TrapTable() { active_table = nullptr; }
TrapTable* TrapTable::active() { return active_table; }

Status TrapTable::Finish(llvm::MemoryBufferRef object) {
  ObjectCode code;
  if (Status status = code.Read(object); !status.ok()) return status;
  std::string bytes;
  if (Status status = code.Section(kAddressSection, &bytes); !status.ok()) return status;
  struct Entry {
    uint64_t start, end, data;
  };
  std::vector<Entry> directory;
  std::string data;
  llvm::raw_string_ostream out(data);
  Addresses addresses(bytes);
  for (const MarkedFunction& function : functions_) {
    const auto found = code.functions().find(function.name);
    if (found == code.functions().end()) return Broken("no code of " + function.name);
    const auto& [start, size] = found->second;
    directory.push_back({start, start + size, out.tell()});
    WriteFunction(function, &addresses, out);
  }
  if (!addresses.AreAllTaken()) return Broken("another number of addresses than of instructions");
  std::sort(directory.begin(), directory.end(),
            [](const Entry& one, const Entry& other) { return one.start < other.start; });

  const size_t head = format::kHeaderBytes + format::kEntryBytes * directory.size();
  if (head + data.size() > UINT32_MAX) return Broken("it is larger than 4 GiB");
  table_.resize(head + data.size());
  char* at = table_.data() + format::kHeaderBytes;
  for (const Entry& entry : directory) {
    for (const uint64_t number : {entry.start, entry.end, head + entry.data}) {
      llvm::support::endian::write32le(at, static_cast<uint32_t>(number));
      at += 4;
    }
  }
  std::copy(data.begin(), data.end(), at);
  std::copy(std::begin(format::kMagic), std::end(format::kMagic), table_.data());
  llvm::support::endian::write32le(table_.data() + format::kCountAt,
                                   static_cast<uint32_t>(directory.size()));
  const llvm::StringRef checked = llvm::StringRef(table_).drop_front(format::kHeaderBytes);
  const llvm::XXH128_hash_t hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef(checked));
  llvm::support::endian::write64be(table_.data() + format::kHashAt, hash.high64);
  llvm::support::endian::write64be(table_.data() + format::kHashAt + 8, hash.low64);
  return Status::Ok();
}

Status TrapTable::Write(const std::string& path) const { return WriteFile(path, table_); }

}  // namespace wasmsh::compiler
