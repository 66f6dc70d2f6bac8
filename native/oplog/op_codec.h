#ifndef WASMSH_OPLOG_OP_CODEC_H_
#define WASMSH_OPLOG_OP_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oplog/op_data.h"
#include "oplog/op_shape.h"

namespace wasmsh::oplog {

/** A place in the guest's code: function index, and byte offset in its body. */
struct OpFrame {
  uint32_t function = 0;
  uint32_t pc = 0;
};

/** Bytes that a call of a plugin wrote into the guest's memory. */
struct OpWrite {
  uint64_t address = 0;
  uint64_t length = 0;
  std::string_view bytes;  // as many as are kept, from the first on
};

/** Longest path, deepest stack and most writes that an op keeps; what is beyond is cut off, but for
 *  the lengths of writes. */
constexpr size_t kMaxPathBytes = 4096;
constexpr size_t kMaxOpFrames = 64;
constexpr size_t kMaxOpWrites = 64;
constexpr size_t kMaxWriteBytes = 4096;  // of all writes of an op together

/** An op about to be written. */
struct OpRecord {
  uint32_t shape = 0;
  uint32_t thread = 0;
  uint16_t error = 0;  // WASI errno; results count only if it is 0
  /** One a field of the shape, in its order; not initialized, since this is made for every host
   *  call of a guest. A path's is not looked at. */
  uint64_t numbers[kMaxFields];
  std::string_view paths[kMaxPaths];  // in their order
  const OpFrame* frames = nullptr;    // innermost first
  size_t frame_count = 0;
  const OpWrite* writes = nullptr;
  size_t write_count = 0;
  /** Instructions that the thread had executed, the call's own included; 0 when not counted. */
  uint64_t position = 0;
  /** Bytes that the call took and gave, when they are kept. */
  std::optional<OpDataRange> data;
};

/** An op that was read. */
struct Op {
  struct Write {
    uint64_t address = 0;
    uint64_t length = 0;
    std::string bytes;
  };
  uint64_t seq = 0;
  uint32_t shape = 0;
  uint32_t thread = 0;
  uint16_t error = 0;
  std::vector<uint64_t> numbers;   // one a field; 0 for a path, and for results of a failed call
  std::vector<std::string> paths;  // one a field; empty for all but paths
  std::vector<OpFrame> frames;     // innermost first
  std::vector<Write> writes;
  uint64_t position = 0;  // as in OpRecord
  std::optional<OpDataRange> data;
};

/** Upper limit of what EncodeOp writes. */
constexpr size_t kMaxOpBytes = 16384;

/** So many numbers of 10 bytes, and what stands in front of them, stay below kMaxNumbersBytes. */
constexpr size_t kShortFields = 8;
constexpr size_t kMaxNumbersBytes = 128;

/** Whether the op is one of a few numbers alone. */
inline bool HasOnlyNumbers(const OpShape& shape, const OpRecord& record) {
  return !shape.has_paths && record.frame_count == 0 && record.write_count == 0 && !record.data &&
         shape.field_count <= kShortFields;
}

/** Writes an op: the length of its body (one byte, or three for one that has paths or frames), the
 *  shape, flags, and LEB128 numbers. Returns the bytes written. */
size_t EncodeOp(const OpRecord& record, uint8_t* to,
                const std::vector<OpShape>& shapes = OpShapes());

/** Writes an op of numbers alone, field by field: what most host calls of a guest go through. */
class NumbersEncoder {
 public:
  /** `to` has room for kMaxNumbersBytes. */
  NumbersEncoder(uint8_t* to, uint32_t shape, uint32_t thread, uint16_t error, uint64_t position);

  /** The next field; of a failed op only those that are no results. */
  void Put(uint64_t number) {
    while (number >= 0x80) {
      *at_++ = static_cast<uint8_t>(number | 0x80);
      number >>= 7;
    }
    *at_++ = static_cast<uint8_t>(number);
  }
  /** Returns the bytes written. */
  size_t Finish() {
    *to_ = static_cast<uint8_t>(at_ - to_ - 1);
    return static_cast<size_t>(at_ - to_);
  }

 private:
  uint8_t* const to_;
  uint8_t* at_;
};

/** Reads one op but for its seq. Returns the bytes read; 0 when they are no whole, valid op. */
size_t DecodeOp(const uint8_t* from, size_t size, Op* op,
                const std::vector<OpShape>& shapes = OpShapes());

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_CODEC_H_
