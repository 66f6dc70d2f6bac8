#ifndef WASMSH_OPLOG_OP_LOG_H_
#define WASMSH_OPLOG_OP_LOG_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "oplog/op_codec.h"
#include "oplog/op_data.h"
#include "oplog/op_spool.h"
#include "status.h"

namespace wasmsh::oplog {

/** Where a log is kept, and how much of it. */
struct OpLogOptions {
  /** Folders for its files, the first good one is taken. */
  std::vector<std::string> folders;
  /** Bytes kept; the oldest ops go first. 0 keeps only ops that change identity, for
   *  TakeChanges. */
  uint64_t limit_bytes = 0;
  /** What the ops of imports look like that plugins provide; their places are behind those of
   *  OpShapes. */
  std::vector<OpShape> imports;
  /** Keep the bytes too that calls take from guest memory and put into it: as many again. */
  bool keeps_data = false;
};

struct OpLogStats {
  uint64_t first = 1;            // seq of the oldest op that is kept
  uint64_t next = 1;             // seq of the next one
  uint64_t bytes = 0;            // kept
  uint64_t data_bytes = 0;       // kept of what OpData holds
  std::vector<uint64_t> counts;  // ops of each shape, those not kept included
  Status failure;                // why ops could not be written to the file
};

/**
 * The ops of one guest, in the order of their seq: the first is 1. Guest threads append; whoever
 * fills the buffer writes it to the file, so that nothing grows and nobody else has to run. Ops
 * that change identity are queued a second time, for whoever folds them into state. Thread-safe.
 */
class OpLog {
 public:
  explicit OpLog(OpLogOptions options);
  OpLog(const OpLog&) = delete;
  OpLog& operator=(const OpLog&) = delete;

  /** All that ops of this log can be. */
  const std::vector<OpShape>& shapes() const { return shapes_; }
  /** Whether an op of that shape is to be appended at all. */
  bool Wants(const OpShape& shape) const { return shape.changes_identity || keeps_all_; }
  /** Appends with the next seq. */
  void Append(const OpRecord& record);
  /** The same for an op that NumbersEncoder has written. */
  void AppendEncoded(uint32_t shape, const uint8_t* bytes, size_t size) {
    Enter(0, shape, bytes, size);
  }
  /** Takes the next seq for an op that is appended a little later, under the lock that guards what
   *  the op changes; ops that follow are held back until then. */
  uint64_t Reserve();
  void AppendReserved(uint64_t seq, const OpRecord& record);

  /** Where the bytes of ops are kept; nullptr when they are not. */
  OpData* data() { return keeps_all_ ? data_.get() : nullptr; }

  /** Reads up to `most` ops from `from` on, or from the oldest one kept. Codes: OPLOG_READ. */
  Status Read(uint64_t from, size_t most, std::vector<Op>* out);
  OpLogStats Stats();
  /** Ops appended so far. */
  uint64_t Appended();

  /** Takes the oldest ops that change identity and were not taken yet; none when all were. Codes:
   *  OPLOG_READ, and OPLOG_WRITE when some were lost. */
  Status TakeChanges(std::vector<Op>* out);
  /** Calls `notify` when a good many changes wait; on the thread that appends. */
  void OnChanges(std::function<void()> notify);

  /** Drops every op, now and later, and lets go of the files and the buffers. The counts stay. */
  void Discard();

 private:
  /** `seq` 0 takes the next one. */
  void Encode(uint64_t seq, const OpRecord& record);
  void Enter(uint64_t seq, uint32_t shape, const uint8_t* bytes, size_t size);
  void Put(uint32_t shape, const uint8_t* bytes, size_t size);  // under mutex_
  void PutWaiting();                                            // under mutex_

  const std::vector<OpShape> shapes_;
  std::atomic<bool> keeps_all_;
  std::mutex mutex_;
  OpSpool all_;
  OpSpool changes_;  // each op behind its seq, 8 bytes
  const std::unique_ptr<OpData> data_;
  std::function<void()> notify_;
  uint64_t next_put_ = 1;  // seq of the next op to enter the buffer
  uint64_t next_seq_ = 1;
  std::map<uint64_t, std::pair<uint32_t, std::string>> waiting_;  // shape and encoded op, by seq
  std::vector<uint64_t> counts_;
};

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_LOG_H_
