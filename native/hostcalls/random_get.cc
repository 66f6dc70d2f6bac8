#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

// A multiple of 8, so that cutting a request up does not change the numbers of a seeded run.
constexpr uint32_t kChunkBytes = 4096;

/** Fills a piece; false when the system has no random numbers, which getrandom(2) excludes. */
bool FillPiece(HostState::Private& p, uint8_t* to, size_t length) {
  if (p.config.deterministic) {
    p.random.Fill(to, length);
    return true;
  }
  while (length > 0) {
    ssize_t got = getrandom(to, length, 0);
    if (got < 0 && errno != EINTR) return false;
    if (got <= 0) continue;
    to += got;
    length -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

Outcome RandomGet(Call& call) {
  const GuestMemory& memory = call.memory;
  uint32_t length = Arg32(call, 1);
  uint8_t* to = memory.At(Arg32(call, 0), length);
  if (to == nullptr) return Finish(call, wasi::kFault);
  uint64_t& done = call.progress.transferred;
  while (done < length) {
    uint8_t piece[kChunkBytes];
    size_t bytes = static_cast<size_t>(std::min<uint64_t>(kChunkBytes, length - done));
    if (!FillPiece(call.host.p(), piece, bytes)) return Finish(call, wasmsh_errno(errno));
    memcpy(to + done, piece, bytes);
    done += bytes;
    if (done < length && call.StopRequested()) return Outcome::kInterrupted;
  }
  return Finish(call, wasi::kSuccess);
}

}  // namespace wasmsh::hostcalls
