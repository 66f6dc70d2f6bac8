#include "engine/compiled/trap_table.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "engine/compiled/trap_table_format.h"
#include "image/hash.h"
#include "wasm/reader.h"

namespace wasmsh::engine {

namespace format = trap_table;

namespace {

/** More frames tell nobody anything. */
constexpr size_t kMostFrames = 1000;
/** A call of a function whose frame does not fit: nothing of it has run yet. */
constexpr uint32_t kLongestCall = 8;

std::optional<uint32_t> Decoded(uint32_t number) {
  return number == 0 ? std::nullopt : std::optional<uint32_t>(number - 1);
}

Status Invalid() {
  return Status::Error("COMPILED_CODE", "The table of traps is damaged or of another version");
}

enum class Base : uint8_t { kStackPointer, kFramePointer };

/** How to find the caller, from an instruction on. */
struct Row {
  uint8_t base = 0;
  bool is_set_up = true;
  int64_t offset = 0, return_address = 0, frame_pointer = 0;
};

/** Registers of a frame. */
struct Registers {
  uint64_t pc;  // counted from the text's start
  bool is_behind_call;
  uint64_t stack_pointer, frame_pointer;
};

std::optional<uint64_t> Saved(const TrapCapture& capture, uint64_t address) {
  const uint64_t offset = address - capture.stack_from;
  if (address % 8 != 0 || address < capture.stack_from || capture.stack_bytes < 8 ||
      offset > capture.stack_bytes - 8) {
    return std::nullopt;
  }
  uint64_t value;
  std::memcpy(&value, capture.stack + offset, sizeof value);
  return value;
}

}  // namespace

struct TrapTable::Function {
  uint32_t start = 0, data = 0;
};

Status TrapTable::Read(const std::string& path, TrapTable* out) {
  std::ifstream file(path, std::ios::binary);
  std::vector<uint8_t> bytes;
  if (file) bytes.assign(std::istreambuf_iterator<char>(file), {});
  return file && !file.bad() ? Parse(std::move(bytes), out) : Invalid();
}

Status TrapTable::Parse(std::vector<uint8_t> bytes, TrapTable* out) {
  if (bytes.size() < format::kHeaderBytes || bytes.size() > UINT32_MAX ||
      !std::equal(std::begin(format::kMagic), std::end(format::kMagic), bytes.begin())) {
    return Invalid();
  }
  const image::Hash128 hash =
      image::HashBytes(bytes.data() + format::kHeaderBytes, bytes.size() - format::kHeaderBytes);
  if (!std::equal(hash.begin(), hash.end(), bytes.begin() + format::kHashAt)) return Invalid();
  out->bytes_ = std::move(bytes);
  out->functions_ = out->U32(format::kCountAt);
  const size_t most = (out->bytes_.size() - format::kHeaderBytes) / format::kEntryBytes;
  if (out->functions_ <= most) return Status::Ok();
  out->functions_ = 0;
  return Invalid();
}

uint32_t TrapTable::U32(size_t at) const {
  return uint32_t(bytes_[at]) | uint32_t(bytes_[at + 1]) << 8 | uint32_t(bytes_[at + 2]) << 16 |
         uint32_t(bytes_[at + 3]) << 24;
}

std::optional<TrapTable::Function> TrapTable::Find(uint64_t address) const {
  const auto at = [](uint32_t index) { return format::kHeaderBytes + index * format::kEntryBytes; };
  uint32_t from = 0, to = functions_;
  while (from < to) {
    const uint32_t middle = from + (to - from) / 2;
    if (U32(at(middle)) <= address) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  if (from == 0 || address >= U32(at(from - 1) + 4)) return std::nullopt;
  return Function{U32(at(from - 1)), U32(at(from - 1) + 8)};
}

namespace {

/** What was inlined into a function: what it is, and where it is called. */
struct InlinedCall {
  uint32_t function = 0, pc = 0, parent = 0;
};

struct Instruction {
  uint32_t address = 0, pc = 0, call = 0;
  bool is_call = false;
};

/** One function of the table. */
struct FunctionData {
  uint32_t original = 0;
  std::vector<InlinedCall> calls;
  Row row;  // at the address that was asked for
  std::optional<Instruction> found, next_call;

  /** Reads what holds at `address`, behind a call or not. False for damaged bytes. */
  bool Read(wasm::Reader reader, uint32_t address, bool is_behind_call) {
    original = reader.U32();
    for (uint32_t left = reader.Count(3); left > 0; --left) {
      const uint32_t function = reader.U32();
      const uint32_t pc = reader.U32();
      const uint32_t parent = reader.U32();
      if (parent > calls.size()) return false;
      calls.push_back({function, pc, parent});
    }
    uint32_t at = 0;
    for (uint32_t left = reader.Count(5); left > 0; --left) {
      at += reader.U32();
      Row one;
      const uint8_t base = reader.Byte();
      one.base = base & (format::kIsBeingSetUp - 1);
      one.is_set_up = base < format::kIsBeingSetUp;
      one.offset = reader.S64();
      one.return_address = reader.S64();
      one.frame_pointer = reader.S64();
      if (at <= address) row = one;
    }
    at = 0;
    for (uint32_t left = reader.Count(3); left > 0 && reader.ok(); --left) {
      Instruction one;
      one.address = at += reader.U32();
      one.pc = reader.U32();
      const uint32_t call = reader.U32();
      one.call = call / 2;
      one.is_call = call % 2 != 0;
      if (one.address == address && one.is_call == is_behind_call) found = one;
      if (one.address > address && one.is_call) {
        next_call = one;
        break;
      }
    }
    return reader.ok();
  }

  /** Frames at an instruction, innermost first; without one, of the function alone. */
  void AddFrames(const std::optional<Instruction>& instruction, std::vector<TrapFrame>* to) const {
    const auto add = [&](uint32_t function, uint32_t pc) {
      if (const auto known = Decoded(function)) to->push_back({*known, Decoded(pc)});
    };
    uint32_t pc = instruction ? instruction->pc : 0;
    uint32_t call = instruction && instruction->call <= calls.size() ? instruction->call : 0;
    while (call != 0) {
      const InlinedCall& inlined = calls[call - 1];
      add(inlined.function, pc);
      pc = inlined.pc;
      call = inlined.parent;
    }
    add(original, pc);
  }
};

/** Goes to the caller. False at the end: of the capture, or of what is known. */
bool Unwind(const TrapCapture& capture, const Row& row, bool is_innermost, Registers* registers) {
  uint64_t upper = uint64_t(row.offset);
  if (row.base == uint8_t(Base::kStackPointer)) {
    upper += registers->stack_pointer;
  } else if (row.base == uint8_t(Base::kFramePointer)) {
    upper += registers->frame_pointer;
  } else {
    return false;
  }
  std::optional<uint64_t> back;
  if (row.return_address != 0) {
    back = Saved(capture, upper + uint64_t(row.return_address));
  } else if (is_innermost && !capture.is_call) {
    back = capture.return_address;
  }
  if (!back || *back < capture.text_from || *back >= capture.text_to) return false;
  if (row.frame_pointer != 0) {
    const auto saved = Saved(capture, upper + uint64_t(row.frame_pointer));
    if (!saved) return false;
    registers->frame_pointer = *saved;
  }
  registers->pc = *back - capture.text_from;
  registers->is_behind_call = true;
  registers->stack_pointer = upper;
  return true;
}

}  // namespace

std::vector<TrapFrame> TrapTable::Frames(const TrapCapture& capture) const {
  std::vector<TrapFrame> frames;
  Registers registers = {capture.pc - capture.text_from, capture.is_call, capture.stack_pointer,
                         capture.frame_pointer};
  for (size_t round = 0; round < kMostFrames && frames.size() < kMostFrames; ++round) {
    const bool is_innermost = round == 0;
    // A call may be the last instruction of its function.
    const auto function = Find(registers.pc - (registers.is_behind_call ? 1 : 0));
    if (!function) break;
    FunctionData data;
    const auto address = uint32_t(registers.pc - function->start);
    const wasm::Reader reader(bytes_.data(), std::min<uint32_t>(function->data, bytes_.size()),
                              uint32_t(bytes_.size()));
    if (!data.Read(reader, address, registers.is_behind_call)) break;
    auto at = data.found;
    if (is_innermost && !at && !registers.is_behind_call && data.next_call &&
        data.next_call->address - address < kLongestCall) {
      at = data.next_call;  // the call itself met the end of the stack
    }
    // A function whose frame does not fit has not begun: what traps is the call, as it does in the
    // interpreter.
    const bool has_begun = !is_innermost || at || data.row.is_set_up;
    if (has_begun) data.AddFrames(at, &frames);
    if (!Unwind(capture, data.row, is_innermost, &registers)) {
      if (!has_begun) data.AddFrames(at, &frames);
      break;
    }
  }
  if (capture.has_place) {
    const bool is_same = !frames.empty() && frames[0].function == capture.function;
    if (!is_same) frames.insert(frames.begin(), TrapFrame());
    frames[0] = {capture.function, capture.place_pc};
  }
  return frames;
}

}  // namespace wasmsh::engine
