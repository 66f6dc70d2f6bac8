#ifndef WASMSH_OPLOG_OP_CODEC_H_
#define WASMSH_OPLOG_OP_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "oplog/op_shape.h"

namespace wasmsh::oplog {

/** A place in the guest's code: function index, and byte offset in its body. */
struct OpFrame {
  uint32_t function = 0;
  uint32_t pc = 0;
};

/** Longest path and deepest stack that an op keeps; what is beyond is cut off. */
constexpr size_t kMaxPathBytes = 4096;
constexpr size_t kMaxOpFrames = 64;

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
  /** Instructions that the thread had executed, the call's own included; 0 when not counted. */
  uint64_t position = 0;
};

/** An op that was read. */
struct Op {
  uint64_t seq = 0;
  uint32_t shape = 0;
  uint32_t thread = 0;
  uint16_t error = 0;
  std::vector<uint64_t> numbers;   // one a field; 0 for a path, and for results of a failed call
  std::vector<std::string> paths;  // one a field; empty for all but paths
  std::vector<OpFrame> frames;     // innermost first
  uint64_t position = 0;           // as in OpRecord
};

/** Upper limit of what EncodeOp writes. */
constexpr size_t kMaxOpBytes = 16384;

/** Writes an op: the length of its body (one byte, or three for one that has paths or frames), the
 *  shape, flags, and LEB128 numbers. Returns the bytes written. */
size_t EncodeOp(const OpRecord& record, uint8_t* to);

/** Reads one op but for its seq. Returns the bytes read; 0 when they are no whole, valid op. */
size_t DecodeOp(const uint8_t* from, size_t size, Op* op);

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_CODEC_H_
