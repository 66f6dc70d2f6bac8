#ifndef WASMSH_IMAGE_COMPRESS_H_
#define WASMSH_IMAGE_COMPRESS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "status.h"

/** zstd streams (RFC 8878), as `zstd` and `tar --zstd` read and write them. */
namespace wasmsh::image {

/** Compresses one stream into one frame that carries a checksum of its contents. */
class Compressor {
 public:
  static constexpr int kDefaultLevel = 3;

  explicit Compressor(int level = kDefaultLevel);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /** Takes all input; appends what is ready. Code: INTERNAL (out of memory). */
  Status Write(const uint8_t* bytes, size_t size, std::vector<uint8_t>* out);
  /** Ends the frame. Nothing may be written afterwards. */
  Status Finish(std::vector<uint8_t>* out);

 private:
  struct State;
  Status Run(const uint8_t* bytes, size_t size, bool end, std::vector<uint8_t>* out);
  std::unique_ptr<State> state_;
};

/**
 * Decompresses input from strangers: at most `limit_bytes` in all, with a window of at most
 * 128 MiB, and never more than kStepBytes at a time whatever the input claims.
 */
class Decompressor {
 public:
  static constexpr size_t kStepBytes = size_t{1} << 20;

  explicit Decompressor(uint64_t limit_bytes);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /**
   * Takes all input and appends at most kStepBytes. While pending() more is ready: call again with
   * no input. Codes: SNAPSHOT_CORRUPT (not zstd, bad checksum), SNAPSHOT_TOO_LARGE.
   */
  Status Write(const uint8_t* bytes, size_t size, std::vector<uint8_t>* out);
  /** True while input waits that a call without input would decompress. */
  bool pending() const;
  /** Checks that the input was complete; call when not pending(). Code: SNAPSHOT_CORRUPT. */
  Status Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_COMPRESS_H_
