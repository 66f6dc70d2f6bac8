// The table of traps: what it says of a trap, and that no table whatever makes the reader leave it.

#include "engine/compiled/trap_table.h"

#include <algorithm>
#include <vector>

#include "engine/compiled/trap_table_format.h"
#include "image/hash.h"
#include "test/fuzz.h"

using namespace wasmsh;          // NOLINT: a test
using namespace wasmsh::engine;  // NOLINT
using namespace wasmsh::test;    // NOLINT

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kText = 0x10000;
constexpr uint64_t kStack = 0x7000;

void Put32(Bytes* bytes, uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes->push_back(uint8_t(value >> (8 * i)));
}

void Seal(Bytes* bytes) {
  if (bytes->size() < trap_table::kHeaderBytes) return;
  const auto hash = image::HashBytes(bytes->data() + trap_table::kHeaderBytes,
                                     bytes->size() - trap_table::kHeaderBytes);
  std::copy(hash.begin(), hash.end(), bytes->begin() + trap_table::kHashAt);
}

/** Function 5 at 0 to 0x40, with 9 inlined into it at pc 20; function 6 at 0x40 to 0x80. */
Bytes Sample() {
  const Bytes leaf = {
      6,                      // original function, plus 1
      1,    10, 21, 0,        // inlined: function 9, called at pc 20 of the function itself
      2,                      // rows: before anything is pushed, and with 16 bytes
      0,    4,  8,  0x78, 0,  // 0x78 is -8
      4,    0,  16, 0x78, 0,
      2,            // instructions
      0x10, 4,  2,  // at 0x10: pc 3 of what is inlined
      0x08, 31, 1,  // behind a call at 0x18: pc 30
  };
  const Bytes caller = {7, 0, 1, 0, 0, 32, 0x78, 0, 1, 0x20, 8, 1};  // behind a call: pc 7
  Bytes bytes(trap_table::kMagic, trap_table::kMagic + 4);
  Put32(&bytes, 2);
  bytes.resize(trap_table::kHeaderBytes);
  const auto data = uint32_t(trap_table::kHeaderBytes + 2 * trap_table::kEntryBytes);
  for (const uint32_t number : {0u, 0x40u, data}) Put32(&bytes, number);
  for (const uint32_t number : {0x40u, 0x80u, uint32_t(data + leaf.size())}) Put32(&bytes, number);
  bytes.insert(bytes.end(), leaf.begin(), leaf.end());
  bytes.insert(bytes.end(), caller.begin(), caller.end());
  Seal(&bytes);
  return bytes;
}

/** A stack on which the leaf was called at 0x60, by nobody of compiled code's. */
TrapCapture Captured(uint64_t address, bool is_call, std::vector<uint64_t>* stack) {
  TrapCapture capture = {};
  capture.text_from = kText;
  capture.text_to = kText + 0x80;
  capture.is_set = true;
  capture.is_call = is_call;
  capture.pc = kText + address;
  capture.stack_pointer = capture.stack_from = kStack;
  capture.stack = reinterpret_cast<uint8_t*>(stack->data());
  capture.stack_bytes = 8 * stack->size();
  return capture;
}

std::string Text(const std::vector<TrapFrame>& frames) {
  std::string text;
  for (const TrapFrame& frame : frames) {
    const std::string pc = frame.pc ? std::to_string(*frame.pc) : "?";
    text += std::to_string(frame.function) + "@" + pc + " ";
  }
  return text;
}

TrapTable Parsed(Bytes bytes) {
  TrapTable table;
  CHECK(TrapTable::Parse(std::move(bytes), &table).ok());
  return table;
}

}  // namespace

TEST(PlacesAndCallers) {
  const TrapTable table = Parsed(Sample());
  std::vector<uint64_t> stack = {1, kText + 0x60, 2, 3, 4, 5};
  CHECK_EQ(Text(table.Frames(Captured(0x10, false, &stack))), std::string("9@3 5@20 6@7 "));
  CHECK_EQ(Text(table.Frames(Captured(0x18, true, &stack))), std::string("5@30 6@7 "));
  // Nothing is known of the instruction.
  CHECK_EQ(Text(table.Frames(Captured(0x30, false, &stack))), std::string("5@? 6@7 "));
  CHECK_EQ(Text(table.Frames(Captured(0x90, false, &stack))), std::string(""));
  TrapCapture told = Captured(0x18, true, &stack);
  told.has_place = true;
  told.function = 5;
  told.place_pc = 44;
  CHECK_EQ(Text(table.Frames(told)), std::string("5@44 6@7 "));
  told.function = 8;  // it has left no frame
  CHECK_EQ(Text(table.Frames(told)), std::string("8@44 5@30 6@7 "));
}

TEST(NoRoomForTheFrame) {
  const TrapTable table = Parsed(Sample());
  std::vector<uint64_t> stack = {kText + 0x60, 2, 3, 4, 5};
  CHECK_EQ(Text(table.Frames(Captured(0, false, &stack))), std::string("6@7 "));
}

TEST(DamagedTables) {
  TrapTable table;
  Bytes bytes = Sample();
  bytes.back() ^= 1;
  CHECK_EQ(TrapTable::Parse(bytes, &table).code, std::string("COMPILED_CODE"));
  CHECK_EQ(TrapTable::Parse({}, &table).code, std::string("COMPILED_CODE"));
  uint64_t parsed = 0;
  FuzzRounds([&](uint64_t seed) {
    Random random(seed);
    Bytes changed = Sample();
    Mutate(&changed, random.Below(3) == 0 ? 0 : trap_table::kHeaderBytes, &random);
    Seal(&changed);
    TrapTable one;
    if (!TrapTable::Parse(changed, &one).ok()) return;
    ++parsed;
    std::vector<uint64_t> stack(16);
    for (uint64_t& word : stack) word = kText + random.Below(0x100);
    one.Frames(Captured(random.Below(0x80), random.Below(2) == 0, &stack));
  });
  CHECK(parsed > 0);
}
