#include "compiler/spill_table.h"

#include <llvm/IR/Statepoint.h>
#include <llvm/Object/StackMapParser.h>
#include <llvm/Support/Endian.h>
#include <llvm/Support/LEB128.h>
#include <llvm/Support/MathExtras.h>
#include <llvm/Support/raw_ostream.h>

#include <map>
#include <optional>

#include "compiler/object_code.h"
#include "engine/compiled/spill_table_format.h"

namespace wasmsh::compiler {
namespace {

namespace format = engine::spill_table;
using Parser = llvm::StackMapParser<llvm::endianness::little>;

SpillTable* active_table = nullptr;

constexpr char kSection[] = ".llvm_stackmaps";
/** Of a section: its head, and what it has of each function, whose address is first. */
constexpr uint64_t kSectionHeadBytes = 16;
constexpr uint64_t kSectionFunctionBytes = 24;
/** In front of the values: calling convention, flags, and how many there are. */
constexpr uint16_t kLocationsBefore = 3;

Status Broken(const std::string& what) {
  return Status::Error("COMPILE_FAILED", "the table of spills cannot be made: " + what);
}

/** x86-64, by the numbers of debug information. */
constexpr uint16_t kStackPointer = 7;
constexpr uint16_t kGeneralRegisters = 16;
constexpr uint16_t kFirstVector = 17;
constexpr uint16_t kVectors = 16;

std::optional<uint32_t> RegisterOf(uint16_t number) {
  if (number < kGeneralRegisters) return number;
  if (number < kFirstVector || number >= kFirstVector + kVectors) return std::nullopt;
  return format::kFirstVector + number - kFirstVector;
}

/** The form for that many bytes, of forms that follow each other by size. */
uint64_t FormOf(format::Form smallest, uint8_t width) {
  return smallest + (width == 4 ? 0u : width == 8 ? 1u : 2u);
}

void WriteHead(uint64_t what, uint64_t form, llvm::raw_ostream& out) {
  llvm::encodeULEB128(what * format::kForms + form, out);
}

bool WriteConstant(int64_t value, uint8_t width, llvm::raw_ostream& out) {
  if (width > 8) return false;
  if (width == 4) value = static_cast<int32_t>(value);
  const uint64_t form = FormOf(format::kConstant4, width);
  const bool is_small = value >= 0 && value < int64_t{1} << 16;
  WriteHead(is_small ? static_cast<uint64_t>(value) + 1 : 0, form, out);
  if (!is_small) llvm::encodeSLEB128(value, out);
  return true;
}

bool WriteSlot(uint16_t base, int64_t offset, uint8_t width, llvm::raw_ostream& out) {
  if (base >= kGeneralRegisters) return false;
  if (base == kStackPointer && offset >= 0 && offset % format::kSlotBytes == 0) {
    WriteHead(static_cast<uint64_t>(offset) / format::kSlotBytes, FormOf(format::kSlot4, width),
              out);
  } else {
    WriteHead(format::kElsewhere, FormOf(format::kRegister4, width), out);
    llvm::encodeULEB128(base, out);
    llvm::encodeSLEB128(offset, out);
  }
  return true;
}

/** False for what a value of WebAssembly never is. */
bool WriteValue(const Parser& maps, const Parser::LocationAccessor& at, uint8_t width,
                llvm::raw_ostream& out) {
  switch (at.getKind()) {
    case Parser::LocationKind::Register: {
      const auto number = RegisterOf(at.getDwarfRegNum());
      if (number) WriteHead(*number, FormOf(format::kRegister4, width), out);
      return number.has_value();
    }
    case Parser::LocationKind::Indirect:
      return WriteSlot(at.getDwarfRegNum(), at.getOffset(), width, out);
    case Parser::LocationKind::Constant:
      return WriteConstant(static_cast<int32_t>(at.getSmallConstant()), width, out);
    case Parser::LocationKind::ConstantIndex: {
      const uint64_t value = maps.getConstant(at.getConstantIndex()).getValue();
      return WriteConstant(static_cast<int64_t>(value), width, out);
    }
    default:
      return false;
  }
}

Status WriteSite(const Parser& maps, const Parser::RecordAccessor& record, const SpillSite& site,
                 llvm::raw_ostream& out) {
  if (record.getNumLocations() != kLocationsBefore + site.widths.size()) {
    return Broken("another number of values than there are");
  }
  llvm::encodeULEB128(site.function, out);
  llvm::encodeULEB128(site.point, out);
  llvm::encodeULEB128(site.widths.size(), out);
  for (size_t i = 0; i < site.widths.size(); ++i) {
    const auto location = record.getLocation(static_cast<uint16_t>(kLocationsBefore + i));
    if (!WriteValue(maps, location, site.widths[i], out)) {
      return Broken("a value is where none can be");
    }
  }
  return Status::Ok();
}

void Put32(uint64_t number, std::string* to) {
  char bytes[4];
  llvm::support::endian::write32le(bytes, static_cast<uint32_t>(number));
  to->append(bytes, sizeof bytes);
}

/** The entries in order, then the data of each. */
std::string Assemble(const std::map<uint64_t, std::string>& sites) {
  const size_t head = format::kCountBytes + format::kEntryBytes * sites.size();
  std::string entries, data;
  Put32(sites.size(), &entries);
  for (const auto& [address, site] : sites) {
    Put32(address, &entries);
    Put32(head + data.size(), &entries);
    data += site;
  }
  return entries + data;
}

}  // namespace

SpillTable::SpillTable() { active_table = this; }
SpillTable::~SpillTable() { active_table = nullptr; }
SpillTable* SpillTable::active() { return active_table; }

Status SpillTable::Finish(llvm::MemoryBufferRef object) {
  ObjectCode code;
  std::string section;
  std::map<uint64_t, uint64_t> functions;
  if (Status status = code.Read(object); !status.ok()) return status;
  if (Status status = code.Section(kSection, &section); !status.ok()) return status;
  if (Status status = code.PlacesIn(kSection, &functions); !status.ok()) return status;
  const llvm::ArrayRef<uint8_t> bytes(reinterpret_cast<const uint8_t*>(section.data()),
                                      section.size());
  if (bytes.empty()) return Status::Ok();
  if (llvm::Error error = Parser::validateHeader(bytes)) {
    return Broken(llvm::toString(std::move(error)));
  }
  const Parser maps(bytes);
  std::map<uint64_t, std::string> sites;
  auto record = maps.records_begin();
  uint64_t at = kSectionHeadBytes;
  for (const auto& function : maps.functions()) {
    const auto place = functions.find(at);
    if (place == functions.end()) return Broken("a function has no address");
    at += kSectionFunctionBytes;
    for (uint64_t left = function.getRecordCount(); left > 0; --left, ++record) {
      if (record->getID() >= sites_.size()) return Broken("a place is not known");
      std::string* site = &sites[place->second + record->getInstructionOffset()];
      llvm::raw_string_ostream out(*site);
      if (Status status = WriteSite(maps, *record, sites_[record->getID()], out); !status.ok()) {
        return status;
      }
    }
  }
  table_ = Assemble(sites);
  return Status::Ok();
}

void SpillTable::AppendTo(std::string* code) const {
  if (table_.empty()) return;
  code->resize(llvm::alignTo(code->size(), format::kSectionAlignment));
  constexpr size_t kNameBytes = sizeof format::kName;
  Put32(format::kCustomSection, code);
  Put32(4 + 2 + kNameBytes + table_.size(), code);
  Put32(format::kRawSection, code);
  *code += static_cast<char>(kNameBytes);
  *code += '\0';
  code->append(format::kName, kNameBytes);
  *code += table_;
}

}  // namespace wasmsh::compiler
