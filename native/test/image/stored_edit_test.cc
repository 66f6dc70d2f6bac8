// Stored memories, changed and compared without a guest.

#include "image/stored_edit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "image/memory_support.h"
#include "temporary_directory.h"

namespace wasmsh::image {
namespace {

using test::Bytes;
using test::Random;
using test::RandomMemory;
using test::ReaderOf;
using test::TemporaryDirectory;

MemoryImage Store(const Bytes& memory, const std::string& path) {
  WriteOptions options;
  options.path = path;
  options.sync = false;
  MemoryImage image;
  CHECK_OK(WriteImage(ReaderOf(memory), memory.size(), options, &image));
  return image;
}

Bytes ReadAll(const MemoryImage& image, const std::vector<std::string>& paths) {
  Bytes bytes(image.bytes);
  CHECK_OK(ReadImage(image, paths, 0, bytes.size(), bytes.data()));
  return bytes;
}

TEST(patches_make_a_child) {
  TemporaryDirectory directory;
  Random random(41);
  Bytes memory = RandomMemory(&random, 8, 3);
  const std::string base_path = directory.File("base");
  const MemoryImage base = Store(memory, base_path);
  const std::vector<Patch> patches = {
      {10, {1, 2, 3}},
      {kBlockBytes * 3 - 2, {4, 5, 6, 7}},  // across two blocks
      {11, {9}},                            // over the first
      {memory.size() - 1, {8}},
      {memory.size(), {}},
  };
  MemoryImage child;

  CHECK_OK(PatchImage(base, {base_path}, patches, directory.File("child"), false, &child));

  for (const Patch& patch : patches) {
    std::copy(patch.bytes.begin(), patch.bytes.end(),
              memory.begin() + static_cast<ptrdiff_t>(patch.offset));
  }
  const std::vector<std::string> paths = {directory.File("child"), base_path};
  CHECK(ReadAll(child, paths) == memory);
  CHECK_OK(VerifyImage(child, paths));
  CHECK_OK(VerifyImage(base, {base_path}));
}

TEST(patches_outside_the_memory_are_refused) {
  TemporaryDirectory directory;
  const MemoryImage base = Store(Bytes(kBlockBytes, 1), directory.File("base"));
  MemoryImage child;
  const auto patch = [&](uint64_t offset, size_t size) {
    return PatchImage(base, {directory.File("base")}, {{offset, Bytes(size, 0)}},
                      directory.File("child"), false, &child)
        .code;
  };
  CHECK_EQ(patch(kBlockBytes, 1), "MEMORY_RANGE");
  CHECK_EQ(patch(kBlockBytes - 1, 2), "MEMORY_RANGE");
  CHECK_EQ(patch(UINT64_MAX, 2), "MEMORY_RANGE");
}

TEST(a_damaged_base_is_refused) {
  TemporaryDirectory directory;
  const MemoryImage base = Store(Bytes(kBlockBytes, 1), directory.File("base"));
  CHECK_EQ(chmod(directory.File("base").c_str(), 0600), 0);
  CHECK_EQ(truncate(directory.File("base").c_str(), 100), 0);
  MemoryImage child;

  const Status status = PatchImage(base, {directory.File("base")}, {{0, {2}}},
                                   directory.File("child"), false, &child);

  CHECK_EQ(status.code, "SNAPSHOT_CORRUPT");
}

TEST(differences_are_found_to_the_byte) {
  TemporaryDirectory directory;
  Random random(42);
  const Bytes a = RandomMemory(&random, 10, 3);
  Bytes b = a;
  b.resize(11 * kBlockBytes, 0);
  b[5] ^= 1;
  b[6] ^= 1;
  b[8] ^= 1;
  b[kBlockBytes * 4 - 1] ^= 1;
  b[kBlockBytes * 4] ^= 1;
  const MemoryImage image_a = Store(a, directory.File("a"));
  const MemoryImage image_b = Store(b, directory.File("b"));
  const std::vector<std::string> paths_a = {directory.File("a")};
  const std::vector<std::string> paths_b = {directory.File("b")};
  std::vector<ByteRange> ranges;

  CHECK_OK(DiffImages({image_a, paths_a}, {image_b, paths_b}, 100, &ranges));

  const std::vector<std::pair<uint64_t, uint64_t>> expected = {
      {5, 2}, {8, 1}, {kBlockBytes * 4 - 1, 2}, {kBlockBytes * 10, kBlockBytes}};
  CHECK_EQ(ranges.size(), expected.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    CHECK_EQ(ranges[i].offset, expected[i].first);
    CHECK_EQ(ranges[i].length, expected[i].second);
  }

  CHECK_OK(DiffImages({image_b, paths_b}, {image_a, paths_a}, 2, &ranges));
  CHECK_EQ(ranges.size(), 2u);
  CHECK_EQ(ranges[1].offset, 8u);

  CHECK_OK(DiffImages({image_a, paths_a}, {image_a, paths_a}, 100, &ranges));
  CHECK_EQ(ranges.size(), 0u);
}

}  // namespace
}  // namespace wasmsh::image
