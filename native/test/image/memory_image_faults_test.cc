// What can go wrong with images: full disks, lost memory, damaged and missing files.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "check.h"
#include "image/memory_image.h"
#include "image/memory_support.h"
#include "temporary_directory.h"

namespace wasmsh::image {
namespace {

using test::Bytes;
using test::MappedMemory;
using test::Random;
using test::RandomMemory;
using test::ReaderOf;
using test::TemporaryDirectory;

struct Written {
  TemporaryDirectory directory;
  Bytes memory;
  MemoryImage image;
  std::vector<std::string> paths;

  Written() {
    Random random(21);
    memory = RandomMemory(&random, 40, 50);
    WriteOptions options;
    options.path = directory.File("image");
    CHECK_OK(WriteImage(ReaderOf(memory), memory.size(), options, &image));
    CHECK(image.extents.size() > 3);
    CHECK_EQ(chmod(options.path.c_str(), 0600), 0);
    paths = {options.path};
  }
};

Status WriteSome(const std::string& path, uint64_t blocks) {
  Random random(22);
  const Bytes memory = RandomMemory(&random, blocks, 1);
  WriteOptions options;
  options.path = path;
  MemoryImage image;
  return WriteImage(ReaderOf(memory), memory.size(), options, &image);
}

TEST(a_full_disk_leaves_nothing) {
  TemporaryDirectory directory;
  if (mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    SKIP("needs the right to mount a small tmpfs");
  }
  const Status status = WriteSome(directory.File("image"), 100);
  const bool empty = directory.IsEmpty();
  const Status small = WriteSome(directory.File("image"), 3);
  umount(directory.path().c_str());

  CHECK_EQ(status.code, "STORE_FULL");
  CHECK_EQ(status.system_errno, ENOSPC);
  CHECK(empty);
  CHECK_OK(small);
}

TEST(a_file_size_limit_is_an_error_and_no_signal) {
  TemporaryDirectory directory;
  rlimit old;
  CHECK_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  rlimit limit = old;
  limit.rlim_cur = 1 << 20;
  CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const Status status = WriteSome(directory.File("image"), 100);
  CHECK_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);

  CHECK_EQ(status.code, "STORE_WRITE");
  CHECK_EQ(status.system_errno, EFBIG);
  CHECK(directory.IsEmpty());
  sigset_t pending;
  CHECK_EQ(sigpending(&pending), 0);
  CHECK_EQ(sigismember(&pending, SIGXFSZ), 0);
}

TEST(an_existing_file_is_not_touched) {
  Written written;
  CHECK_EQ(WriteSome(written.paths[0], 1).code, "STORE_WRITE");
  CHECK_OK(VerifyImage(written.image, written.paths));
}

TEST(a_missing_directory_is_an_error) {
  TemporaryDirectory directory;
  CHECK_EQ(WriteSome(directory.File("no/image"), 1).code, "STORE_WRITE");
}

TEST(lost_guest_memory_leaves_nothing) {
  TemporaryDirectory directory;
  WriteOptions options;
  options.path = directory.File("image");
  const MemoryReader read = [](uint64_t offset, uint64_t length, uint8_t* to) {
    std::memset(to, 1, length);
    return offset < 50 * kBlockBytes;
  };
  MemoryImage image;
  CHECK_EQ(WriteImage(read, 100 * kBlockBytes, options, &image).code, "GUEST_MEMORY_LOST");
  CHECK(directory.IsEmpty());
}

TEST(a_shortened_file_is_refused) {
  Written written;
  const Extent& last = written.image.extents.back();
  CHECK_EQ(truncate(written.paths[0].c_str(), static_cast<off_t>(last.offset + last.length - 1)),
           0);
  MappedMemory memory(written.memory.size());
  Bytes bytes(written.memory.size());

  CHECK_EQ(MapImage(written.image, written.paths, memory.begin(), 1000).code, "SNAPSHOT_CORRUPT");
  CHECK_EQ(VerifyImage(written.image, written.paths).code, "SNAPSHOT_CORRUPT");
  CHECK_EQ(ReadImage(written.image, written.paths, 0, bytes.size(), bytes.data()).code,
           "SNAPSHOT_CORRUPT");
}

TEST(a_missing_file_is_refused) {
  Written written;
  CHECK_EQ(unlink(written.paths[0].c_str()), 0);
  MappedMemory memory(written.memory.size());

  CHECK_EQ(MapImage(written.image, written.paths, memory.begin(), 1000).code, "STORE_READ");
  CHECK_EQ(VerifyImage(written.image, written.paths).code, "STORE_READ");
}

TEST(a_fifo_is_refused_without_waiting) {
  Written written;
  CHECK_EQ(unlink(written.paths[0].c_str()), 0);
  CHECK_EQ(mkfifo(written.paths[0].c_str(), 0600), 0);
  CHECK_EQ(VerifyImage(written.image, written.paths).code, "STORE_READ");
}

TEST(any_flipped_byte_of_contents_is_found) {
  Written written;
  Random random(23);
  const int fd = open(written.paths[0].c_str(), O_RDWR | O_CLOEXEC);
  CHECK(fd >= 0);
  for (int round = 0; round < 300; ++round) {
    const Extent& extent = written.image.extents[random() % written.image.extents.size()];
    const off_t at = static_cast<off_t>(extent.offset + random() % extent.length);
    const uint8_t good = written.memory[static_cast<size_t>(at)];
    const uint8_t bad = good ^ static_cast<uint8_t>(1u << random() % 8);
    CHECK_EQ(pwrite(fd, &bad, 1, at), 1);
    const Status status = VerifyImage(written.image, written.paths);
    CHECK_EQ(pwrite(fd, &good, 1, at), 1);
    CHECK_EQ(status.code, "SNAPSHOT_CORRUPT");
    const std::string block = "block " + std::to_string(static_cast<uint64_t>(at) / kBlockBytes);
    CHECK(status.message.find(block) != std::string::npos);
  }
  close(fd);
  CHECK_OK(VerifyImage(written.image, written.paths));
}

TEST(a_checksum_of_zeros_is_checked_too) {
  Written written;
  written.image.extents.clear();
  CHECK_EQ(VerifyImage(written.image, written.paths).code, "SNAPSHOT_CORRUPT");
}

TEST(bad_descriptions_are_refused) {
  const Written written;
  const auto refused = [&](auto change) {
    MemoryImage image = written.image;
    change(&image);
    MappedMemory memory(written.memory.size());
    return CheckImage(image, 1).code == "SNAPSHOT_CORRUPT" &&
           MapImage(image, written.paths, memory.begin(), 1000).code == "SNAPSHOT_CORRUPT" &&
           VerifyImage(image, written.paths).code == "SNAPSHOT_CORRUPT";
  };
  CHECK(refused([](MemoryImage* image) { image->bytes += 1; }));
  CHECK(refused([](MemoryImage* image) { image->bytes += kBlockBytes; }));
  CHECK(refused([](MemoryImage* image) { image->bytes = 0; }));
  CHECK(refused([](MemoryImage* image) { image->bytes = kMaxMemoryBytes + kBlockBytes; }));
  CHECK(refused([](MemoryImage* image) { image->block_hashes.pop_back(); }));
  CHECK(refused([](MemoryImage* image) { image->extents[0].offset += 1; }));
  CHECK(refused([](MemoryImage* image) { image->extents[0].length -= 1; }));
  CHECK(refused([](MemoryImage* image) { image->extents[0].length = 0; }));
  CHECK(refused([](MemoryImage* image) { image->extents[0].image = 1; }));
  CHECK(refused([](MemoryImage* image) { image->extents.back().offset = image->bytes; }));
  CHECK(refused([](MemoryImage* image) { image->extents.back().offset = 0 - kPageBytes; }));
  CHECK(refused([](MemoryImage* image) { image->extents.back().length = 0 - kPageBytes; }));
  CHECK(refused([](MemoryImage* image) { image->extents[1].offset = image->extents[0].offset; }));
  CHECK(refused([](MemoryImage* image) { std::swap(image->extents[0], image->extents[1]); }));
}

TEST(reading_outside_the_memory_is_refused) {
  const Written written;
  uint8_t byte = 0;
  const uint64_t bytes = written.memory.size();
  CHECK_EQ(ReadImage(written.image, written.paths, bytes, 1, &byte).code, "MEMORY_RANGE");
  CHECK_EQ(ReadImage(written.image, written.paths, UINT64_MAX, 1, &byte).code, "MEMORY_RANGE");
  CHECK_EQ(ReadImage(written.image, written.paths, 1, UINT64_MAX, &byte).code, "MEMORY_RANGE");
  CHECK_OK(ReadImage(written.image, written.paths, bytes, 0, &byte));
}

}  // namespace
}  // namespace wasmsh::image
