// Images of memories, written, described, mapped and read back.

#include "image/memory_image.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "check.h"
#include "image/memory_support.h"
#include "temporary_directory.h"

namespace wasmsh::image {
namespace {

using test::Bytes;
using test::ChangedPages;
using test::MappedMemory;
using test::Random;
using test::RandomMemory;
using test::ReaderOf;
using test::TemporaryDirectory;

/** A stored memory with what it needs to be read. */
struct Stored {
  MemoryImage image;
  std::vector<std::string> paths;
};

Stored Store(const Bytes& memory, const std::string& path, const Stored* parent = nullptr,
             Bytes changed = {}, Bytes touched = {}) {
  Stored stored;
  WriteOptions options;
  options.path = path;
  options.sync = false;
  options.changed = std::move(changed);
  options.touched = std::move(touched);
  stored.paths.push_back(path);
  if (parent != nullptr) {
    options.parent = &parent->image;
    stored.paths.insert(stored.paths.end(), parent->paths.begin(), parent->paths.end());
  }
  CHECK_OK(WriteImage(ReaderOf(memory), memory.size(), options, &stored.image));
  return stored;
}

/** Checks every way to read a stored memory against what it must be. */
void CheckStored(const Stored& stored, const Bytes& expected, uint32_t max_mappings = 1000) {
  CHECK_EQ(stored.image.bytes, expected.size());
  CHECK_OK(CheckImage(stored.image, static_cast<uint32_t>(stored.paths.size())));
  CHECK_OK(VerifyImage(stored.image, stored.paths));

  const Bytes encoded = EncodeIndex(stored.image);
  MemoryImage decoded;
  CHECK_OK(DecodeIndex(encoded.data(), encoded.size(), &decoded));
  CHECK(EncodeIndex(decoded) == encoded);

  MappedMemory memory(expected.size());
  // What instantiation left there (data segments) must not shine through.
  std::memset(memory.begin(), 0xa5, expected.size());
  CHECK_OK(MapImage(decoded, stored.paths, memory.begin(), max_mappings));
  CHECK(memory.Equals(expected));

  Bytes read(expected.size() / 2);
  const uint64_t offset = expected.size() / 3;
  CHECK_OK(ReadImage(decoded, stored.paths, offset, read.size(), read.data()));
  CHECK(std::equal(read.begin(), read.end(), expected.begin() + static_cast<ptrdiff_t>(offset)));
}

uint64_t OwnPages(const MemoryImage& image) {
  uint64_t bytes = 0;
  for (const Extent& extent : image.extents) bytes += extent.image == 0 ? extent.length : 0;
  return bytes / kPageBytes;
}

TEST(round_trips_random_sparse_memories) {
  TemporaryDirectory directory;
  Random random(1);
  for (uint64_t round = 0; round < 40; ++round) {
    const Bytes memory = RandomMemory(&random, random() % 40, 1 + random() % 60);
    const Stored stored = Store(memory, directory.File("image" + std::to_string(round)));
    CheckStored(stored, memory);
    CheckStored(stored, memory, 0);
    CheckStored(stored, memory, 2);
  }
}

TEST(a_memory_of_no_bytes) {
  TemporaryDirectory directory;
  const Stored stored = Store({}, directory.File("image"));
  CHECK_EQ(stored.image.extents.size(), 0u);
  CheckStored(stored, {});
}

TEST(zeros_take_no_extent_and_no_disk) {
  TemporaryDirectory directory;
  const Bytes memory(64 * kBlockBytes, 0);
  const Stored stored = Store(memory, directory.File("image"));
  CHECK_EQ(stored.image.extents.size(), 0u);
  struct stat status;
  CHECK_EQ(stat(stored.paths[0].c_str(), &status), 0);
  CHECK_EQ(static_cast<uint64_t>(status.st_size), memory.size());
  CHECK_EQ(static_cast<uint64_t>(status.st_blocks), 0u);
  CheckStored(stored, memory);
}

TEST(the_image_is_read_only_and_as_long_as_the_memory) {
  TemporaryDirectory directory;
  Random random(2);
  const Bytes memory = RandomMemory(&random, 5, 2);
  const Stored stored = Store(memory, directory.File("image"));
  struct stat status;
  CHECK_EQ(stat(stored.paths[0].c_str(), &status), 0);
  CHECK_EQ(status.st_mode & 07777, 0400u);
  CHECK_EQ(static_cast<uint64_t>(status.st_size), memory.size());
}

TEST(mapped_memory_is_private) {
  TemporaryDirectory directory;
  Random random(3);
  const Bytes memory = RandomMemory(&random, 4, 2);
  const Stored stored = Store(memory, directory.File("image"));
  MappedMemory first(memory.size());
  MappedMemory second(memory.size());
  CHECK_OK(MapImage(stored.image, stored.paths, first.begin(), 1000));
  CHECK_OK(MapImage(stored.image, stored.paths, second.begin(), 1000));

  std::memset(first.begin(), 0x77, memory.size());

  CHECK(second.Equals(memory));
  CHECK_OK(VerifyImage(stored.image, stored.paths));
}

TEST(what_was_mapped_survives_unlinking) {
  TemporaryDirectory directory;
  Random random(4);
  const Bytes memory = RandomMemory(&random, 4, 2);
  const Stored stored = Store(memory, directory.File("image"));
  MappedMemory mapped(memory.size());
  CHECK_OK(MapImage(stored.image, stored.paths, mapped.begin(), 1000));

  CHECK_EQ(unlink(stored.paths[0].c_str()), 0);

  CHECK(mapped.Equals(memory));
}

/** A chain in which each generation changes, clears and grows; `known` says how changes are found.
 */
void CheckChain(uint64_t seed, bool known, bool touched_known) {
  TemporaryDirectory directory;
  Random random(seed);
  Bytes memory = RandomMemory(&random, 12, 3);
  std::vector<Bytes> generations = {memory};
  std::vector<Stored> stored = {Store(memory, directory.File("g0"))};
  for (uint64_t generation = 1; generation <= 5; ++generation) {
    memory.resize(memory.size() + random() % 3 * kBlockBytes, 0);
    const uint64_t pages = memory.size() / kPageBytes;
    for (uint64_t i = 0; i < 12; ++i) {
      const uint64_t page = random() % pages;
      if (random() % 3 == 0) {
        std::memset(&memory[page * kPageBytes], 0, kPageBytes);
      } else {
        test::FillPage(&random, page, &memory);
      }
    }
    const Bytes changed = ChangedPages(generations.back(), memory);
    const Bytes touched = ChangedPages({}, memory);  // every page
    stored.push_back(Store(memory, directory.File("g" + std::to_string(generation)), &stored.back(),
                           known ? changed : Bytes(), touched_known ? touched : Bytes()));
    generations.push_back(memory);
    if (known) CHECK(OwnPages(stored.back().image) < pages / 2);
  }
  for (size_t i = 0; i < stored.size(); ++i) {
    CheckStored(stored[i], generations[i]);
    CheckStored(stored[i], generations[i], 3);
  }
}

TEST(chains_of_children_with_known_changes) { CheckChain(5, true, false); }
TEST(chains_of_children_with_unknown_changes) { CheckChain(6, false, false); }
TEST(chains_of_children_with_touched_pages) { CheckChain(7, true, true); }

TEST(a_child_without_changes_stores_nothing) {
  TemporaryDirectory directory;
  Random random(8);
  const Bytes memory = RandomMemory(&random, 20, 2);
  const Stored parent = Store(memory, directory.File("parent"));

  const Stored by_checksum = Store(memory, directory.File("a"), &parent);
  const Stored by_pages = Store(memory, directory.File("b"), &parent, Bytes(40, 0));
  // Reported as written, but with what it had before.
  const Stored rewritten = Store(memory, directory.File("c"), &parent, Bytes(40, 0xff));

  for (const Stored* child : {&by_checksum, &by_pages, &rewritten}) {
    CHECK_EQ(OwnPages(child->image), 0u);
    CheckStored(*child, memory);
  }
}

TEST(a_child_stores_one_changed_page) {
  TemporaryDirectory directory;
  Random random(9);
  Bytes memory = RandomMemory(&random, 20, 2);
  const Stored parent = Store(memory, directory.File("parent"));
  const Bytes before = memory;
  test::FillPage(&random, 100, &memory);

  const Stored child =
      Store(memory, directory.File("child"), &parent, ChangedPages(before, memory));

  CHECK_EQ(OwnPages(child.image), 1u);
  CheckStored(child, memory);
}

TEST(a_child_may_be_smaller) {
  TemporaryDirectory directory;
  Random random(10);
  Bytes memory = RandomMemory(&random, 20, 2);
  const Stored parent = Store(memory, directory.File("parent"));
  memory.resize(7 * kBlockBytes);

  CheckStored(Store(memory, directory.File("child"), &parent), memory);
}

TEST(unchanged_pages_are_not_read) {
  TemporaryDirectory directory;
  Random random(11);
  const Bytes memory = RandomMemory(&random, 20, 2);
  const Stored parent = Store(memory, directory.File("parent"));
  WriteOptions options;
  options.path = directory.File("child");
  options.parent = &parent.image;
  options.changed.assign(40, 0);
  const MemoryReader refuse = [](uint64_t, uint64_t, uint8_t*) { return false; };
  MemoryImage child;

  CHECK_OK(WriteImage(refuse, memory.size(), options, &child));

  CHECK(child.block_hashes == parent.image.block_hashes);
}

TEST(untouched_pages_are_not_read) {
  TemporaryDirectory directory;
  WriteOptions options;
  options.path = directory.File("image");
  options.touched.assign(20 * kBlockBytes / kPageBytes / 8, 0);
  const MemoryReader refuse = [](uint64_t, uint64_t, uint8_t*) { return false; };
  MemoryImage image;

  CHECK_OK(WriteImage(refuse, 20 * kBlockBytes, options, &image));

  CheckStored({image, {options.path}}, Bytes(20 * kBlockBytes, 0));
}

TEST(more_extents_than_mappings) {
  TemporaryDirectory directory;
  Random random(12);
  // Far enough apart not to be joined: one page of every 17.
  Bytes memory(2300 * kBlockBytes, 0);
  for (uint64_t page = 3; page < memory.size() / kPageBytes; page += 17) {
    test::FillPage(&random, page, &memory);
  }

  const Stored stored = Store(memory, directory.File("image"));

  CHECK(stored.image.extents.size() > 2000);
  CheckStored(stored, memory, 1000);
  CheckStored(stored, memory, 5);
}

TEST(near_pages_share_an_extent) {
  TemporaryDirectory directory;
  Random random(13);
  Bytes memory(100 * kBlockBytes, 0);
  for (uint64_t page = 0; page < memory.size() / kPageBytes; page += 2) {
    test::FillPage(&random, page, &memory);
  }

  const Stored stored = Store(memory, directory.File("image"));

  CHECK_EQ(stored.image.extents.size(), 1u);
  CheckStored(stored, memory);
}

TEST(a_memory_of_4_gib) {
  TemporaryDirectory directory;
  constexpr uint64_t kBytes = kMaxMemoryBytes;
  const std::vector<uint64_t> offsets = {0, 123 * kBlockBytes + 5 * kPageBytes, uint64_t{1} << 31,
                                         kBytes - kPageBytes};
  WriteOptions options;
  options.path = directory.File("image");
  options.sync = false;
  options.touched.assign(kBytes / kPageBytes / 8, 0);
  for (const uint64_t offset : offsets) {
    options.touched[offset / kPageBytes / 8] |= static_cast<uint8_t>(1u << offset / kPageBytes % 8);
  }
  const MemoryReader read = [&](uint64_t offset, uint64_t length, uint8_t* to) {
    std::memset(to, 0, length);
    for (const uint64_t at : offsets) {
      if (at >= offset && at < offset + length) to[at - offset] = 0x5a;
    }
    return true;
  };
  MemoryImage image;
  CHECK_OK(WriteImage(read, kBytes, options, &image));
  CHECK_EQ(image.extents.size(), offsets.size());
  CHECK_EQ(image.block_hashes.size(), 65536u);
  CHECK_OK(VerifyImage(image, {options.path}));

  MappedMemory memory(kBytes);
  CHECK_OK(MapImage(image, {options.path}, memory.begin(), 1000));

  for (const uint64_t offset : offsets) CHECK_EQ(memory.begin()[offset], uint8_t{0x5a});
  CHECK_EQ(memory.begin()[kPageBytes], uint8_t{0});
  CHECK_EQ(memory.begin()[kBytes - 1], uint8_t{0});
}

TEST(progress_can_cancel) {
  TemporaryDirectory directory;
  Random random(14);
  const Bytes memory = RandomMemory(&random, 100, 2);
  WriteOptions options;
  options.path = directory.File("image");
  options.progress = [](uint64_t done) { return done < 20 * kBlockBytes; };
  MemoryImage image;

  const Status status = WriteImage(ReaderOf(memory), memory.size(), options, &image);

  CHECK_EQ(status.code, "CANCELLED");
  CHECK(directory.IsEmpty());
}

}  // namespace
}  // namespace wasmsh::image
