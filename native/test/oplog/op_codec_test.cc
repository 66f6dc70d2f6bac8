#include "oplog/op_codec.h"

#include <vector>

#include "test/check.h"
#include "test/fuzz.h"

namespace wasmsh::oplog {
namespace {

using test::Random;

uint32_t Shape(const char* name) {
  const int found = FindOpShape(name);
  CHECK(found >= 0);
  return static_cast<uint32_t>(found);
}

std::vector<uint8_t> Encoded(const OpRecord& record) {
  std::vector<uint8_t> bytes(kMaxOpBytes);
  bytes.resize(EncodeOp(record, bytes.data()));
  return bytes;
}

/** A record with values of every size. */
OpRecord AnyRecord(Random* random, std::string* first, std::string* second, OpFrame* frames) {
  OpRecord record;
  record.shape = static_cast<uint32_t>(random->Below(OpShapes().size()));
  record.thread = static_cast<uint32_t>(random->Next() >> random->Below(64));
  record.position = random->Next() >> random->Below(64);
  record.error = random->Below(3) == 0 ? static_cast<uint16_t>(random->Below(77)) : 0;
  for (uint64_t& number : record.numbers) number = random->Next() >> random->Below(64);
  if (random->Below(2) == 0) {
    record.data = OpDataRange{random->Next() >> random->Below(64), random->Next() >> 32};
  }
  first->assign(random->Below(kMaxPathBytes + 1), 'a');
  second->assign(random->Below(40), '\xff');
  record.paths[0] = *first;
  record.paths[1] = *second;
  record.frames = frames;
  record.frame_count = random->Below(kMaxOpFrames + 1);
  for (size_t i = 0; i < record.frame_count; ++i) {
    frames[i] = {static_cast<uint32_t>(random->Next()), static_cast<uint32_t>(random->Next())};
  }
  return record;
}

TEST(what_is_written_is_read) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string first, second;
    OpFrame frames[kMaxOpFrames];
    const OpRecord record = AnyRecord(&random, &first, &second, frames);
    const std::vector<uint8_t> bytes = Encoded(record);
    Op op;

    CHECK_EQ(DecodeOp(bytes.data(), bytes.size(), &op), bytes.size());

    CHECK_EQ(op.shape, record.shape);
    CHECK_EQ(op.thread, record.thread);
    CHECK_EQ(op.position, record.position);
    CHECK_EQ(op.data.has_value(), record.data.has_value());
    if (op.data) CHECK_EQ(op.data->offset, record.data->offset);
    if (op.data) CHECK_EQ(op.data->length, record.data->length);
    CHECK_EQ(op.error, record.error);
    const std::vector<Field>& fields = OpShapes()[op.shape].fields;
    size_t path = 0;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].kind == FieldKind::kPath) {
        CHECK_EQ(op.paths[i], std::string(record.paths[path++]));
      } else if (fields[i].kind != FieldKind::kResult || op.error == 0) {
        CHECK_EQ(op.numbers[i], record.numbers[i]);
      }
    }
    CHECK_EQ(op.frames.size(), record.frame_count);
    for (size_t i = 0; i < op.frames.size(); ++i) {
      CHECK_EQ(op.frames[i].function, frames[i].function);
      CHECK_EQ(op.frames[i].pc, frames[i].pc);
    }
  }
}

TEST(too_long_paths_and_stacks_are_cut_off) {
  const std::string path(2 * kMaxPathBytes, 'x');
  std::vector<OpFrame> frames(3 * kMaxOpFrames);
  OpRecord record;
  record.shape = Shape("path_rename");
  for (uint64_t& number : record.numbers) number = UINT64_MAX;
  record.paths[0] = record.paths[1] = path;
  record.frames = frames.data();
  record.frame_count = frames.size();
  const std::vector<uint8_t> bytes = Encoded(record);
  CHECK(bytes.size() <= kMaxOpBytes);
  Op op;
  CHECK_EQ(DecodeOp(bytes.data(), bytes.size(), &op), bytes.size());
  CHECK_EQ(op.paths[1].size(), kMaxPathBytes);
  CHECK_EQ(op.frames.size(), kMaxOpFrames);
}

TEST(the_longest_op_without_paths_fits_its_length) {
  OpRecord record;
  record.shape = Shape("fd_filestat_set_times");
  record.thread = UINT32_MAX;
  record.position = UINT64_MAX;
  record.data = OpDataRange{UINT64_MAX, UINT64_MAX};
  for (uint64_t& number : record.numbers) number = UINT64_MAX;
  const std::vector<uint8_t> bytes = Encoded(record);
  CHECK(bytes.size() < 128);
  Op op;
  CHECK_EQ(DecodeOp(bytes.data(), bytes.size(), &op), bytes.size());
}

TEST(an_op_cut_short_is_no_op) {
  OpRecord record;
  record.shape = Shape("path_open");
  for (uint64_t& number : record.numbers) number = 300;
  record.paths[0] = "some/path";
  const std::vector<uint8_t> bytes = Encoded(record);
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of that very size, so that reading on is seen by the sanitizer.
    const std::vector<uint8_t> part(bytes.begin(), bytes.begin() + static_cast<long>(size));
    Op op;
    CHECK_EQ(DecodeOp(part.data(), part.size(), &op), 0u);
  }
}

TEST(damaged_ops_never_crash) {
  const double until = test::ThreadSeconds() + test::FuzzSeconds() / 3;
  for (uint64_t seed = test::FuzzSeed(); test::ThreadSeconds() < until; ++seed) {
    Random random(seed);
    std::string first, second;
    OpFrame frames[kMaxOpFrames];
    std::vector<uint8_t> bytes = Encoded(AnyRecord(&random, &first, &second, frames));
    for (size_t change = random.Below(4) + 1; change > 0; --change) {
      bytes[random.Below(bytes.size())] = static_cast<uint8_t>(random.Next());
    }
    Op op;
    CHECK(DecodeOp(bytes.data(), bytes.size(), &op) <= bytes.size());
  }
}

TEST(every_shape_fits_its_limits) {
  for (const OpShape& shape : OpShapes()) {
    CHECK(shape.fields.size() <= kMaxFields);
    size_t paths = 0;
    bool has_result = false;
    for (const Field& field : shape.fields) {
      if (field.kind == FieldKind::kPath) ++paths;
      if (field.kind == FieldKind::kResult) has_result = true;
      // Results stand last: EncodeOp and DecodeOp stop at the first one of a failed call.
      CHECK_EQ(field.kind == FieldKind::kResult, has_result);
    }
    CHECK(paths <= kMaxPaths);
    CHECK_EQ(shape.has_paths, paths > 0);
  }
}

}  // namespace
}  // namespace wasmsh::oplog
