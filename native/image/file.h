#ifndef WASMSH_IMAGE_FILE_H_
#define WASMSH_IMAGE_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "status.h"

namespace wasmsh::image {

/** Owns one file descriptor; close-on-exec always. */
class File {
 public:
  File() = default;
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  /** Creates a file, mode 0600, that must not exist yet. Codes: STORE_FULL, STORE_WRITE. */
  Status Create(const std::string& path);
  /** Opens a regular file for reading; never waits (as on a FIFO). Code: STORE_READ. */
  Status OpenForReading(const std::string& path);
  /** Writes all of it. Codes: STORE_FULL, STORE_WRITE. Needs a ScopedFileSizeSignalBlock. */
  Status WriteAt(uint64_t offset, const uint8_t* from, uint64_t length) const;
  /** Reads all of it. Codes: SNAPSHOT_CORRUPT (file ends before that), STORE_READ. */
  Status ReadAt(uint64_t offset, uint8_t* to, uint64_t length) const;
  Status Truncate(uint64_t bytes) const;
  Status SetMode(uint32_t mode) const;
  Status Sync() const;
  /** Closes; reports what a network file system could only say now. */
  Status Close();
  /** Bytes, or an error. */
  Status Size(uint64_t* bytes) const;

  int descriptor() const { return descriptor_; }
  const std::string& path() const { return path_; }

 private:
  int descriptor_ = -1;
  std::string path_;
};

/**
 * Creates a file, mode 0600, with these contents; on failure nothing is left.
 * Codes: STORE_FULL, STORE_WRITE.
 */
Status WriteWholeFile(const std::string& path, const std::vector<uint8_t>& contents, bool sync);

/** STORE_FULL for a full disk or quota, STORE_WRITE for anything else. */
Status WriteFailure(const std::string& path, int system_errno);

/** STORE_READ. */
Status ReadFailure(const std::string& path, int system_errno);

/**
 * Keeps a write beyond RLIMIT_FSIZE from killing the process (SIGXFSZ): it fails with EFBIG
 * instead. For the calling thread, which must be the one that destroys it.
 */
class ScopedFileSizeSignalBlock {
 public:
  ScopedFileSizeSignalBlock();
  ~ScopedFileSizeSignalBlock();
  ScopedFileSizeSignalBlock(const ScopedFileSizeSignalBlock&) = delete;
  ScopedFileSizeSignalBlock& operator=(const ScopedFileSizeSignalBlock&) = delete;

 private:
  bool blocked_ = false;
};

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_FILE_H_
