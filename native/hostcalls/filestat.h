#ifndef WASMSH_HOSTCALLS_FILESTAT_H_
#define WASMSH_HOSTCALLS_FILESTAT_H_

#include <wasmtime_ssp.h>

#include <cstdint>

namespace wasmsh::hostcalls {

/** What WASI tells about a file. Times in nanoseconds since 1970. */
struct Filestat {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint8_t type = 0;
  uint64_t links = 0;
  uint64_t size = 0;
  uint64_t accessed = 0;
  uint64_t modified = 0;
  uint64_t changed = 0;
};

Filestat FilestatOf(const __wasi_filestat_t& status);

/** Bytes of the encoded form, in preview 1 and in "wasi_unstable". */
constexpr uint32_t FilestatBytes(bool is_unstable) { return is_unstable ? 56 : 64; }
void EncodeFilestat(const Filestat& status, bool is_unstable, uint8_t* to);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FILESTAT_H_
