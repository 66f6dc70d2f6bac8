// Copies of own memory by the kernel, with and without process_vm_readv.

#include "platform/linux/guest_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "image/memory_support.h"
#include "platform/older_kernel.h"
#include "temporary_directory.h"

namespace wasmsh::platform {
namespace {

using test::Bytes;
using test::Random;
using test::TemporaryDirectory;

/** A private mapping of a file that was cut short afterwards: its second half is lost. */
class LostMapping {
 public:
  static constexpr size_t kBytes = 64 * 4096;

  LostMapping() {
    const int fd = open(directory_.File("image").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK_EQ(ftruncate(fd, kBytes), 0);
    address_ = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(address_ != MAP_FAILED);
    CHECK_EQ(ftruncate(fd, kBytes / 2), 0);
    close(fd);
  }
  ~LostMapping() { munmap(address_, kBytes); }
  LostMapping(const LostMapping&) = delete;
  LostMapping& operator=(const LostMapping&) = delete;

  uint8_t* begin() { return static_cast<uint8_t*>(address_); }

 private:
  TemporaryDirectory directory_;
  void* address_;
};

void CheckCopies() {
  Random random(71);
  Bytes bytes(300001);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  Bytes copy(bytes.size());
  CHECK(ReadOwnMemory(bytes.data(), bytes.size(), copy.data()));
  CHECK(copy == bytes);
  Bytes target(bytes.size());
  CHECK(WriteOwnMemory(target.data(), target.size(), bytes.data()));
  CHECK(target == bytes);
  CHECK(ReadOwnMemory(bytes.data(), 0, copy.data()));
}

void CheckLostMemory() {
  LostMapping lost;
  Bytes copy(LostMapping::kBytes);
  CHECK(ReadOwnMemory(lost.begin(), LostMapping::kBytes / 2, copy.data()));
  CHECK(!ReadOwnMemory(lost.begin(), LostMapping::kBytes, copy.data()));
  CHECK(!ReadOwnMemory(lost.begin() + LostMapping::kBytes / 2, 1, copy.data()));
  CHECK(!WriteOwnMemory(lost.begin() + LostMapping::kBytes / 2, 1, copy.data()));
  CHECK(!ReadOwnMemory(nullptr, 1, copy.data()));
  // Without access.
  void* const closed = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(!ReadOwnMemory(static_cast<uint8_t*>(closed), 1, copy.data()));
  CHECK(!WriteOwnMemory(static_cast<uint8_t*>(closed), 1, copy.data()));
  munmap(closed, 4096);
}

TEST(copies) { CheckCopies(); }

TEST(lost_memory_is_false_and_no_signal) { CheckLostMemory(); }

TEST(the_same_without_process_vm_calls) {
  test::InOlderKernel({{SYS_process_vm_readv, 0, EPERM}, {SYS_process_vm_writev, 0, EPERM}}, [] {
    CheckCopies();
    CheckLostMemory();
  });
}

}  // namespace
}  // namespace wasmsh::platform
