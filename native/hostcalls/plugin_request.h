#ifndef WASMSH_HOSTCALLS_PLUGIN_REQUEST_H_
#define WASMSH_HOSTCALLS_PLUGIN_REQUEST_H_

#include <cstdint>
#include <string>
#include <vector>

namespace wasmsh::hostcalls {

/** What a guest asks of a plugin, in JavaScript, in the middle of a host call. */
struct PluginRequest {
  enum class Kind : uint8_t { kCall, kOpen, kRead, kWrite, kSeek, kStat, kClose };
  Kind kind = Kind::kCall;
  /** kCall: place among HostConfig::imports; kOpen: among HostConfig::provided; all else: number of
   *  the open file. */
  uint32_t target = 0;
  /** kCall: the arguments by their bits. kOpen: fdflags, rights. kRead: most bytes. kSeek: offset,
   *  whence. */
  std::vector<uint64_t> numbers;
  std::vector<uint8_t> bytes;  // kWrite
};

/** What the plugin answers. */
struct PluginAnswer {
  enum class Kind : uint8_t {
    kDone,      // it has had its effect
    kNotBegun,  // a pause found it without any effect: it is to be asked again
    kFailed,    // the guest traps; `text` says why
  };
  struct Write {
    uint32_t address = 0;
    std::vector<uint8_t> bytes;
  };
  Kind kind = Kind::kFailed;
  uint16_t error = 0;  // WASI errno
  /** kCall: the result by its bits, if there is one. kOpen: number of the file, what it can do.
   * kWrite: bytes taken. kSeek: the offset. kStat: size, time of modification. */
  std::vector<uint64_t> numbers;
  std::vector<Write> writes;   // kCall: into the guest's memory, in this order
  std::vector<uint8_t> bytes;  // kRead
  std::string text;
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_PLUGIN_REQUEST_H_
