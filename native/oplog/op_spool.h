#ifndef WASMSH_OPLOG_OP_SPOOL_H_
#define WASMSH_OPLOG_OP_SPOOL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "oplog/op_codec.h"
#include "status.h"

namespace wasmsh::oplog {

/**
 * A queue of encoded ops that does not grow in memory: what fills the buffer goes to a file without
 * a name, of which nothing is left whatever happens to this process. Not thread-safe.
 */
class OpSpool {
 public:
  /** The file is made in the first of these folders that can be used, once it is needed. Whole
   *  chunks are dropped from its front when it holds more than `limit_bytes`. */
  OpSpool(std::vector<std::string> folders, uint64_t limit_bytes);
  ~OpSpool();
  OpSpool(const OpSpool&) = delete;
  OpSpool& operator=(const OpSpool&) = delete;

  /** Room for the next op: kMaxOpBytes and 8 more. Writes the buffer to the file when it is full;
   *  should that fail, what it held is lost, and the status says why from then on. */
  uint8_t* Room(uint64_t seq) {
    if (used_ > kMostUsed || !buffer_) Prepare();
    if (used_ == 0) buffer_first_ = seq;
    return buffer_.get() + used_;
  }
  /** The op of the last Room takes so many bytes of it. */
  void Take(size_t bytes) { used_ += bytes; }

  /** Drops the oldest chunk, or, if there is none, the buffer. */
  void DropFirst();
  /** Drops everything and lets go of the file. */
  void Clear();

  /** Reads the chunk that holds the op `seq`, or the oldest one behind it, and the seq of its first
   *  op. Reads the buffer when no chunk does. Codes: OPLOG_READ. */
  Status Read(uint64_t seq, std::vector<uint8_t>* bytes, uint64_t* first) const;

  /** Seq of the oldest op kept; `next` when there is none. */
  uint64_t First(uint64_t next) const;
  uint64_t bytes() const { return kept_bytes_ + used_; }
  /** Chunks in the file. */
  size_t chunks() const { return chunks_.size(); }
  bool empty() const { return chunks_.empty() && used_ == 0; }
  const Status& failure() const { return failure_; }

 private:
  static constexpr size_t kBufferBytes = 64 * 1024;
  /** Above it, the next op may not fit. */
  static constexpr size_t kMostUsed = kBufferBytes - kMaxOpBytes - sizeof(uint64_t);

  /** Ops written to the file with one call. */
  struct Chunk {
    uint64_t first = 0;  // seq
    uint64_t offset = 0;
    uint32_t bytes = 0;
  };

  /** Makes room in the buffer. */
  void Prepare();
  void Flush();
  bool OpenFile();
  void Fail(const std::string& what, int error);

  const std::vector<std::string> folders_;
  const uint64_t limit_bytes_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t used_ = 0;
  uint64_t buffer_first_ = 0;  // seq of the first op in the buffer, when there is one
  std::deque<Chunk> chunks_;
  uint64_t kept_bytes_ = 0;  // in the file
  uint64_t file_end_ = 0;
  int file_ = -1;
  Status failure_;
};

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_SPOOL_H_
