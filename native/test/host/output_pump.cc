#include "host/output_pump.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace wasmsh::test_host {

Status OutputPump::Open(const std::string& path, int inherited, std::unique_ptr<OutputPump>* out) {
  auto pump = std::unique_ptr<OutputPump>(new OutputPump());
  pump->to_ = path.empty() ? fcntl(inherited, F_DUPFD_CLOEXEC, 3)
                           : open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int ends[2];
  if (pump->to_ < 0 || pipe2(ends, O_CLOEXEC) != 0) {
    return Status::Error("STORE_WRITE", "Cannot open \"" + path + "\" for output", errno);
  }
  pump->from_ = ends[0];
  pump->write_end_ = ends[1];
  pump->thread_ = std::thread([raw = pump.get()] { raw->Copy(); });
  *out = std::move(pump);
  return Status::Ok();
}

OutputPump::~OutputPump() {
  if (write_end_ >= 0) close(write_end_);
  if (thread_.joinable()) thread_.join();
  if (from_ >= 0) close(from_);
  if (to_ >= 0) close(to_);
}

int OutputPump::TakeWriteEnd() { return std::exchange(write_end_, -1); }

void OutputPump::Copy() const {
  char bytes[65536];
  for (;;) {
    const ssize_t got = read(from_, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    for (ssize_t done = 0; done < got;) {
      const ssize_t written = write(to_, bytes + done, size_t(got - done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        std::perror("wasmsh_host: the guest's output cannot be written");
        std::abort();
      }
      done += written;
    }
  }
}

}  // namespace wasmsh::test_host
