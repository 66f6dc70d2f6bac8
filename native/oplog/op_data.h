#ifndef WASMSH_OPLOG_OP_DATA_H_
#define WASMSH_OPLOG_OP_DATA_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "status.h"

namespace wasmsh::oplog {

/** Where the bytes of an op are among all that were kept. */
struct OpDataRange {
  uint64_t offset = 0;
  uint64_t length = 0;
};

/**
 * The bytes that calls took from their guest's memory and put into it, in a file without a name. At
 * most so many are kept, the oldest go first. Thread-safe.
 */
class OpData {
 public:
  OpData(std::vector<std::string> folders, uint64_t limit_bytes);
  ~OpData();
  OpData(const OpData&) = delete;
  OpData& operator=(const OpData&) = delete;

  /** Takes room for so many bytes, which the caller then writes. */
  OpDataRange Reserve(uint64_t length);
  /** Writes a part of a reserved range. Should that fail, the status of `failure` says why. */
  void Write(uint64_t offset, const uint8_t* bytes, size_t size);

  /** False when they are no longer kept. Codes of the status: OPLOG_READ. */
  Status Read(const OpDataRange& range, std::vector<uint8_t>* bytes, bool* is_kept);

  uint64_t bytes();
  Status failure();
  void Clear();

 private:
  void Fail(int error);  // under mutex_, like the next
  void DropOldest();

  const std::vector<std::string> folders_;
  const uint64_t limit_bytes_;
  std::mutex mutex_;
  int file_ = -1;
  uint64_t first_ = 0;  // offset of the oldest byte that is kept
  uint64_t end_ = 0;
  Status failure_;
};

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_DATA_H_
