#ifndef WASMSH_OPLOG_OP_LOG_H_
#define WASMSH_OPLOG_OP_LOG_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "oplog/op_codec.h"
#include "status.h"

namespace wasmsh::oplog {

/** Where a log is kept, and how much of it. */
struct OpLogOptions {
  /** Folders for its file, the first good one is taken. The file has no name, so that nothing is
   *  left whatever happens to this process. */
  std::vector<std::string> folders;
  /** Bytes kept; the oldest ops go first. */
  uint64_t limit_bytes = 0;
};

struct OpLogStats {
  uint64_t first = 1;            // seq of the oldest op that is kept
  uint64_t next = 1;             // seq of the next one
  uint64_t bytes = 0;            // kept
  std::vector<uint64_t> counts;  // ops of each shape, those not kept included
  Status failure;                // why ops could not be written to the file
};

/**
 * The ops of one guest, in the order of their seq: the first is 1. Guest threads append; whoever
 * fills the buffer writes it to the file, so that nothing grows and nobody else has to run.
 * Thread-safe.
 */
class OpLog {
 public:
  explicit OpLog(OpLogOptions options);
  ~OpLog();
  OpLog(const OpLog&) = delete;
  OpLog& operator=(const OpLog&) = delete;

  /** Appends with the next seq. */
  void Append(const OpRecord& record);
  /** Takes the next seq for an op that is appended a little later, under the lock that guards what
   *  the op changes; ops that follow are held back until then. */
  uint64_t Reserve();
  void AppendReserved(uint64_t seq, const OpRecord& record);

  /** Reads up to `most` ops from `from` on, or from the oldest one kept. Codes: OPLOG_READ. */
  Status Read(uint64_t from, size_t most, std::vector<Op>* out);
  OpLogStats Stats();
  /** Drops every op, now and later, and lets go of the file and the buffer. The counts stay. */
  void Discard();

 private:
  /** Ops written to the file with one call. */
  struct Chunk {
    uint64_t first = 0;  // seq
    uint64_t offset = 0;
    uint32_t bytes = 0;
  };

  void Put(const OpRecord& record);  // under mutex_, like all below
  void PutWaiting();
  void Flush();
  bool OpenFile();
  void Fail(const std::string& what, int error);
  void DropOldest();
  Status ReadChunk(uint64_t first, std::vector<uint8_t>* bytes, uint64_t* seq);

  OpLogOptions options_;
  std::mutex mutex_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t used_ = 0;
  uint64_t buffer_first_ = 1;  // seq of the first op in the buffer
  uint64_t next_put_ = 1;      // seq of the next op to enter the buffer
  uint64_t next_seq_ = 1;
  std::map<uint64_t, std::string> waiting_;  // encoded, by seq
  std::deque<Chunk> chunks_;
  uint64_t kept_bytes_ = 0;  // in the file
  uint64_t file_end_ = 0;
  int file_ = -1;
  Status failure_;
  std::vector<uint64_t> counts_;
};

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_LOG_H_
