#include "engine/compiled/spill_table.h"

#include <algorithm>
#include <cstring>

#include "engine/compiled/spill_table_format.h"
#include "wasm/reader.h"

namespace wasmsh::engine {

namespace format = spill_table;

namespace {

Status Invalid() {
  return Status::Error("COMPILED_CODE", "The table of spills is damaged or of another version");
}

/** Words of the thread's own stack. */
class Memory {
 public:
  explicit Memory(const SpillCapture& capture)
      : from_(capture.stack_pointer), to_(capture.stack_to) {}

  /** False when any of the bytes is outside. Not memcpy: sanitizers know what of a stack may not be
   *  read. */
  __attribute__((no_sanitize("address"))) bool Read(uint64_t address, uint32_t size,
                                                    uint8_t* into) const {
    if (address < from_ || address > to_ || to_ - address < size) return false;
    const auto* at = reinterpret_cast<const volatile uint8_t*>(address);
    for (uint32_t i = 0; i < size; ++i) into[i] = at[i];
    return true;
  }

 private:
  const uint64_t from_, to_;
};

/** Reads one value after the other. */
class Values {
 public:
  Values(wasm::Reader* reader, const SpillCapture& capture)
      : reader_(*reader), capture_(capture), memory_(capture) {}

  /** Takes the next one. False when it is nowhere. */
  bool Next() {
    const uint32_t head = reader_.U32();
    const uint32_t form = head % format::kForms;
    const uint32_t what = head / format::kForms;
    if (form >= format::kConstant4) {
      words_ = {what == 0 ? uint64_t(reader_.S64()) : what - 1, 0};
      size_ = form == format::kConstant4 ? 4 : 8;
    } else if (form >= format::kSlot4) {
      size_ = 4u << (form - format::kSlot4);
      if (!Load(capture_.stack_pointer + uint64_t{what} * format::kSlotBytes)) return false;
    } else {
      size_ = 4u << form;
      if (!TakeRegister(what)) return false;
    }
    if (size_ == 4) words_.low = uint32_t(words_.low);
    return reader_.ok();
  }

  uint64_t low() const { return words_.low; }
  uint64_t high() const { return words_.high; }
  bool has_high() const { return size_ == 16; }

 private:
  bool TakeRegister(uint32_t number) {
    if (number == format::kElsewhere) {
      const uint32_t base = reader_.U32();
      const int64_t offset = reader_.S64();
      return base < SpillCapture::kGeneral && Load(capture_.general[base] + uint64_t(offset));
    }
    if (number < format::kFirstVector) {
      words_ = {capture_.general[number], 0};
      return !has_high();
    }
    if (number - format::kFirstVector >= SpillCapture::kVectors) return false;
    words_ = capture_.vectors[number - format::kFirstVector];
    return true;
  }

  bool Load(uint64_t address) {
    uint8_t bytes[16] = {};
    if (!memory_.Read(address, size_, bytes)) return false;
    std::memcpy(&words_, bytes, sizeof bytes);
    return true;
  }

  wasm::Reader& reader_;
  const SpillCapture& capture_;
  const Memory memory_;
  SpillCapture::Vector words_ = {};
  uint32_t size_ = 0;
};

}  // namespace

Status SpillTable::Find(const std::vector<uint8_t>& file, SpillTable* out) {
  *out = SpillTable();
  if (file.size() > UINT32_MAX) return Invalid();
  wasm::Reader reader(file.data(), 0, uint32_t(file.size()));
  reader.Bytes(format::kFileHeaderBytes);
  while (reader.ok() && !reader.at_end()) {
    const uint32_t past = reader.offset() % format::kSectionAlignment;
    if (past != 0) reader.Bytes(format::kSectionAlignment - past);
    const uint32_t type = reader.Fixed32();
    const uint32_t size = reader.Fixed32();
    const uint8_t* body = reader.Bytes(size);
    if (body == nullptr) break;  // WAMR says what is wrong
    constexpr uint32_t kNameBytes = sizeof format::kName;
    wasm::Reader section(body, 0, size);
    if (type != format::kCustomSection || section.Fixed32() != format::kRawSection) continue;
    const uint32_t name_size = section.Byte() | uint32_t(section.Byte()) << 8;
    const uint8_t* name = section.Bytes(kNameBytes);
    if (name_size != kNameBytes || name == nullptr ||
        std::memcmp(name, format::kName, kNameBytes) != 0) {
      continue;
    }
    return Parse({body + section.offset(), body + size}, out);
  }
  return Status::Ok();
}

Status SpillTable::Parse(std::vector<uint8_t> bytes, SpillTable* out) {
  if (bytes.size() < format::kCountBytes || bytes.size() > UINT32_MAX) return Invalid();
  SpillTable table;
  table.bytes_ = std::move(bytes);
  table.sites_ = table.U32(0);
  const size_t most = (table.bytes_.size() - format::kCountBytes) / format::kEntryBytes;
  if (table.sites_ > most) return Invalid();
  *out = std::move(table);
  return Status::Ok();
}

uint32_t SpillTable::U32(size_t at) const {
  return uint32_t(bytes_[at]) | uint32_t(bytes_[at + 1]) << 8 | uint32_t(bytes_[at + 2]) << 16 |
         uint32_t(bytes_[at + 3]) << 24;
}

uint32_t SpillTable::Address(uint32_t entry) const {
  return U32(format::kCountBytes + size_t{entry} * format::kEntryBytes);
}

bool SpillTable::Read(uint64_t return_address, const SpillCapture& capture,
                      SpilledFrame* out) const {
  uint32_t from = 0, end = sites_;
  while (from < end) {
    const uint32_t middle = from + (end - from) / 2;
    if (Address(middle) < return_address) {
      from = middle + 1;
    } else {
      end = middle;
    }
  }
  if (from == sites_ || Address(from) != return_address) return false;
  const auto size = uint32_t(bytes_.size());
  const uint32_t data = U32(format::kCountBytes + size_t{from} * format::kEntryBytes + 4);
  wasm::Reader reader(bytes_.data(), std::min(data, size), size);
  out->function = reader.U32();
  out->point = reader.U32();
  Values values(&reader, capture);
  for (uint32_t left = reader.Count(1); left > 0; --left) {
    if (!values.Next()) return false;
    out->values.push_back(values.low());
    if (values.has_high()) out->values.push_back(values.high());
  }
  return reader.ok();
}

}  // namespace wasmsh::engine
