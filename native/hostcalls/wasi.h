#ifndef WASMSH_HOSTCALLS_WASI_H_
#define WASMSH_HOSTCALLS_WASI_H_

#include <cstdint>

/** Numbers and layouts of WASI preview 1 (phases/snapshot/docs.md of the WASI repository). */
namespace wasmsh::hostcalls::wasi {

using Errno = uint16_t;
constexpr Errno kSuccess = 0;
constexpr Errno kAgain = 6;
constexpr Errno kBadf = 8;
constexpr Errno kExist = 20;
constexpr Errno kFault = 21;
constexpr Errno kIntr = 27;
constexpr Errno kInval = 28;
constexpr Errno kIsdir = 31;
constexpr Errno kMfile = 33;
constexpr Errno kNametoolong = 37;
constexpr Errno kNomem = 48;
constexpr Errno kNosys = 52;
constexpr Errno kNotdir = 54;
constexpr Errno kNotsup = 58;
constexpr Errno kSpipe = 70;
constexpr Errno kNotcapable = 76;

using Filetype = uint8_t;
constexpr Filetype kUnknown = 0;
constexpr Filetype kBlockDevice = 1;
constexpr Filetype kCharacterDevice = 2;
constexpr Filetype kDirectory = 3;
constexpr Filetype kRegularFile = 4;
constexpr Filetype kSocketStream = 6;
constexpr Filetype kSymbolicLink = 7;

// Rights, one bit each.
constexpr uint64_t kFdDatasync = 1ull << 0;
constexpr uint64_t kFdRead = 1ull << 1;
constexpr uint64_t kFdSeek = 1ull << 2;
constexpr uint64_t kFdFdstatSetFlags = 1ull << 3;
constexpr uint64_t kFdSync = 1ull << 4;
constexpr uint64_t kFdTell = 1ull << 5;
constexpr uint64_t kFdWrite = 1ull << 6;
constexpr uint64_t kFdAllocate = 1ull << 8;
constexpr uint64_t kPathCreateFile = 1ull << 10;
constexpr uint64_t kPathOpen = 1ull << 13;
constexpr uint64_t kFdReaddir = 1ull << 14;
constexpr uint64_t kPathFilestatGet = 1ull << 18;
constexpr uint64_t kPathFilestatSetSize = 1ull << 19;
constexpr uint64_t kFdFilestatGet = 1ull << 21;
constexpr uint64_t kFdFilestatSetSize = 1ull << 22;
constexpr uint64_t kPollFdReadwrite = 1ull << 27;
/** Every right that a file or directory can have; others are dropped when one is opened. */
constexpr uint64_t kFileRights = (1ull << 28) - 1;

constexpr uint32_t kLookupSymlinkFollow = 1;

constexpr uint32_t kOpenCreate = 1;
constexpr uint32_t kOpenDirectory = 2;
constexpr uint32_t kOpenExclusive = 4;
constexpr uint32_t kOpenTruncate = 8;

constexpr uint32_t kFdflagAppend = 1;
constexpr uint32_t kFdflagDsync = 2;
constexpr uint32_t kFdflagNonblock = 4;
constexpr uint32_t kFdflagRsync = 8;
constexpr uint32_t kFdflagSync = 16;

constexpr uint32_t kClockRealtime = 0;
constexpr uint32_t kClockMonotonic = 1;
constexpr uint32_t kClockProcessCpu = 2;
constexpr uint32_t kClockThreadCpu = 3;

constexpr uint8_t kEventClock = 0;
constexpr uint8_t kEventFdRead = 1;
constexpr uint8_t kEventFdWrite = 2;
constexpr uint16_t kClockAbsolute = 1;  // subclockflags
constexpr uint16_t kEventHangup = 1;    // eventrwflags
constexpr uint32_t kEventBytes = 32;
constexpr uint32_t kDirentBytes = 24;

}  // namespace wasmsh::hostcalls::wasi

#endif  // WASMSH_HOSTCALLS_WASI_H_
