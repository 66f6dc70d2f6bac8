// The table of spills: what it reads out of registers and stack, and that no table whatever makes
// the reader leave it.

#include "engine/compiled/spill_table.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/compiled/spill_table_format.h"
#include "test/fuzz.h"

using namespace wasmsh;          // NOLINT: a test
using namespace wasmsh::engine;  // NOLINT
using namespace wasmsh::test;    // NOLINT

namespace {

using Bytes = std::vector<uint8_t>;
using spill_table::Form;

constexpr uint32_t kFirst = 0x20;
constexpr uint32_t kSecond = 0x35;

void Put32(Bytes* bytes, uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes->push_back(uint8_t(value >> (8 * i)));
}

void PutLeb(Bytes* bytes, uint32_t value) {
  for (; value >= 0x80; value >>= 7) bytes->push_back(uint8_t(value | 0x80));
  bytes->push_back(uint8_t(value));
}

void PutHead(Bytes* bytes, uint32_t what, Form form) {
  PutLeb(bytes, what * spill_table::kForms + form);
}

/** A site of each form, and one without values. */
Bytes Sample() {
  Bytes first = {7, 3, 11};  // function, point, values
  PutHead(&first, 3, spill_table::kRegister4);
  PutHead(&first, 3, spill_table::kRegister8);
  PutHead(&first, spill_table::kFirstVector + 2, spill_table::kRegister8);
  PutHead(&first, spill_table::kFirstVector + 15, spill_table::kRegister16);
  PutHead(&first, 1, spill_table::kSlot4);
  PutHead(&first, 2, spill_table::kSlot8);
  PutHead(&first, 4, spill_table::kSlot16);
  PutHead(&first, 0, spill_table::kConstant8);
  first.push_back(0x7f);  // -1
  PutHead(&first, 0, spill_table::kConstant4);
  first.push_back(0x7e);  // -2
  PutHead(&first, 301, spill_table::kConstant4);
  PutHead(&first, spill_table::kElsewhere, spill_table::kRegister8);
  first.insert(first.end(), {6, 0x78});  // 8 below what register 6 holds
  const Bytes second = {(300 & 0x7f) | 0x80, 300 >> 7, 0, 0};

  Bytes bytes;
  Put32(&bytes, 2);
  const auto data = uint32_t(spill_table::kCountBytes + 2 * spill_table::kEntryBytes);
  for (const uint32_t number : {kFirst, data, kSecond, uint32_t(data + first.size())}) {
    Put32(&bytes, number);
  }
  bytes.insert(bytes.end(), first.begin(), first.end());
  bytes.insert(bytes.end(), second.begin(), second.end());
  return bytes;
}

/** Registers that hold 0x100 and their number in both halves, and a stack of words. */
SpillCapture Captured(std::vector<uint64_t>* stack) {
  SpillCapture capture = {};
  for (uint64_t i = 0; i < SpillCapture::kGeneral; ++i) {
    capture.general[i] = (0x100 + i) * 0x100000001;
  }
  for (uint64_t i = 0; i < SpillCapture::kVectors; ++i) {
    capture.vectors[i] = {0x200 + i, 0x300 + i};
  }
  capture.stack_pointer = reinterpret_cast<uintptr_t>(stack->data());
  capture.stack_to = capture.stack_pointer + 8 * stack->size();
  capture.general[6] = capture.stack_to;
  return capture;
}

SpillTable Parsed(Bytes bytes) {
  SpillTable table;
  CHECK(SpillTable::Parse(std::move(bytes), &table).ok());
  return table;
}

/** A file of machine code with sections of WAMR's in front of ours. */
Bytes FileWith(const Bytes& table, const char* name) {
  Bytes file(spill_table::kFileHeaderBytes);
  for (const uint32_t number : {2u, 3u}) Put32(&file, number);
  file.insert(file.end(), {1, 2, 3, 0});
  for (const uint32_t number : {spill_table::kCustomSection, 8u, 1u, 0u}) Put32(&file, number);
  const size_t name_bytes = std::strlen(name) + 1;
  Put32(&file, spill_table::kCustomSection);
  Put32(&file, uint32_t(6 + name_bytes + table.size()));
  Put32(&file, spill_table::kRawSection);
  file.insert(file.end(), {uint8_t(name_bytes), 0});
  file.insert(file.end(), name, name + name_bytes);
  file.insert(file.end(), table.begin(), table.end());
  return file;
}

}  // namespace

TEST(EveryForm) {
  const SpillTable table = Parsed(Sample());
  std::vector<uint64_t> stack = {0xa1a0, 0xb1b0, 0xc1c0, 0xd1d0, 0xe1e0};
  stack[0] = 0xaaaabbbbccccdddd;
  SpilledFrame frame;
  CHECK(table.Read(kFirst, Captured(&stack), &frame));
  CHECK_EQ(frame.function, 7u);
  CHECK_EQ(frame.point, 3u);
  const std::vector<uint64_t> expected = {
      0x103,  0x103 * 0x100000001, 0x202,      0x20f, 0x30f, 0xaaaabbbb, 0xb1b0, 0xc1c0,
      0xd1d0, UINT64_MAX,          0xfffffffe, 300,   0xe1e0};
  CHECK_EQ(frame.values.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) CHECK_EQ(frame.values[i], expected[i]);
  SpilledFrame empty;
  CHECK(table.Read(kSecond, Captured(&stack), &empty));
  CHECK_EQ(empty.function, 300u);
  CHECK(empty.values.empty());
}

TEST(UnknownPlaces) {
  const SpillTable table = Parsed(Sample());
  std::vector<uint64_t> stack(8);
  for (const uint32_t address : {0u, kFirst - 1, kFirst + 1, kSecond + 1, UINT32_MAX}) {
    SpilledFrame frame;
    CHECK(!table.Read(address, Captured(&stack), &frame));
  }
  SpilledFrame frame;
  CHECK(!SpillTable().Read(kFirst, Captured(&stack), &frame));
}

TEST(ValuesOutsideOfTheStack) {
  const SpillTable table = Parsed(Sample());
  std::vector<uint64_t> stack(4);  // the slot of 16 bytes ends it
  SpilledFrame frame;
  CHECK(table.Read(kFirst, Captured(&stack), &frame));
  SpillCapture shorter = Captured(&stack);
  shorter.stack_to -= 1;
  CHECK(!table.Read(kFirst, shorter, &frame));
  SpillCapture elsewhere = Captured(&stack);
  elsewhere.general[6] = elsewhere.stack_pointer;  // and 8 below it
  CHECK(!table.Read(kFirst, elsewhere, &frame));
}

TEST(TheTableOfAFile) {
  std::vector<uint64_t> stack(8);
  SpilledFrame frame;
  SpillTable table;
  CHECK(SpillTable::Find(FileWith(Sample(), spill_table::kName), &table).ok());
  CHECK(table.Read(kFirst, Captured(&stack), &frame));
  // None: what is spilled is spilled by code.
  CHECK(SpillTable::Find(FileWith(Sample(), "wasmsh.others"), &table).ok());
  CHECK(!table.Read(kFirst, Captured(&stack), &frame));
  Bytes damaged = Sample();
  damaged[3] = 0x10;
  CHECK_EQ(SpillTable::Find(FileWith(damaged, spill_table::kName), &table).code,
           std::string("COMPILED_CODE"));
}

TEST(DamagedTables) {
  uint64_t parsed = 0;
  FuzzRounds([&](uint64_t seed) {
    Random random(seed);
    Bytes changed = Sample();
    Mutate(&changed, 0, &random);
    SpillTable one;
    Bytes file = FileWith(changed, spill_table::kName);
    if (random.Below(2) == 0) Mutate(&file, 0, &random);
    if (!SpillTable::Find(file, &one).ok()) return;
    ++parsed;
    std::vector<uint64_t> stack(16);
    for (const uint32_t address : {kFirst, kSecond, uint32_t(random.Below(0x100))}) {
      SpilledFrame frame;
      one.Read(address, Captured(&stack), &frame);
    }
  });
  CHECK(parsed > 0);
}
