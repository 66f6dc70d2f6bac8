// Snapshots of memory as the engine takes them: in place where that is safe, with changed pages.

#include "platform/linux/memory_source.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "check.h"
#include "image/memory_support.h"
#include "platform/linux/dirty_pages.h"
#include "platform/older_kernel.h"
#include "temporary_directory.h"

namespace wasmsh::platform {
namespace {

using image::kPageBytes;
using test::Bytes;
using test::MappedMemory;
using test::Random;
using test::TemporaryDirectory;

struct Stored {
  image::MemoryImage image;
  std::vector<std::string> paths;
};

/** Takes a snapshot; with a parent and no `changed`, checksums are compared. */
Status Store(const uint8_t* memory, uint64_t bytes, const std::string& path, const Stored* parent,
             Bytes changed, Stored* out) {
  image::WriteOptions options;
  options.path = path;
  options.sync = false;
  out->paths = {path};
  if (parent != nullptr) {
    options.parent = &parent->image;
    options.changed = std::move(changed);
    out->paths.insert(out->paths.end(), parent->paths.begin(), parent->paths.end());
  }
  const image::MemoryReader read = MemorySource(memory, bytes, &options);
  return image::WriteImage(read, bytes, options, &out->image);
}

void CheckRecovers(const Stored& stored, const Bytes& expected) {
  CHECK_OK(image::VerifyImage(stored.image, stored.paths));
  MappedMemory memory(expected.size());
  CHECK_OK(image::MapImage(stored.image, stored.paths, memory.begin(), 1000));
  CHECK(memory.Equals(expected));
}

/** Overwrites, clears and reads pages at random, in the memory and in its model alike. */
void Live(Random* random, uint8_t* memory, Bytes* model) {
  const uint64_t pages = model->size() / kPageBytes;
  for (uint64_t i = (*random)() % 40; i > 0; --i) {
    const uint64_t at = (*random)() % pages * kPageBytes;
    switch ((*random)() % 4) {
      case 0:
        std::memset(memory + at, 0, kPageBytes);
        break;
      case 1:
        (void)*static_cast<volatile uint8_t*>(memory + at);
        break;
      default:
        memory[at + (*random)() % kPageBytes] = static_cast<uint8_t>((*random)());
    }
    std::memcpy(model->data() + at, memory + at, kPageBytes);
  }
}

TEST(anonymous_memory) {
  TemporaryDirectory directory;
  Random random(81);
  const Bytes contents = test::RandomMemory(&random, 60, 5);
  MappedMemory memory(contents.size());
  for (uint64_t at = 0; at < contents.size(); at += kPageBytes) {
    const uint8_t* const page = &contents[at];
    const bool any = std::any_of(page, page + kPageBytes, [](uint8_t byte) { return byte != 0; });
    if (any) std::memcpy(memory.begin() + at, page, kPageBytes);
  }
  Stored stored;
  CHECK_OK(Store(memory.begin(), contents.size(), directory.File("image"), nullptr, {}, &stored));
  CheckRecovers(stored, contents);
}

/** Many generations: run, snapshot (some fail), recover, grow. */
void CheckLives(uint64_t seed, bool tracked) {
  TemporaryDirectory directory;
  Random random(seed);
  constexpr uint64_t kMaxBytes = 64 * image::kBlockBytes;
  Bytes model(8 * image::kBlockBytes, 0);
  auto memory = std::make_unique<MappedMemory>(kMaxBytes);
  Stored last;
  CHECK_OK(Store(memory->begin(), model.size(), directory.File("0"), nullptr, {}, &last));
  auto tracker = std::make_unique<DirtyTracker>();
  if (tracked) CHECK(tracker->Start(memory->begin(), model.size()));
  for (int generation = 1; generation <= 60; ++generation) {
    Live(&random, memory->begin(), &model);
    if (random() % 4 == 0 && model.size() < kMaxBytes) {
      model.resize(model.size() + image::kBlockBytes, 0);
      Live(&random, memory->begin(), &model);
    }
    Bytes changed;
    if (tracked) CHECK(tracker->Collect(model.size(), &changed));
    const bool full = random() % 8 == 0;
    const std::string path =
        directory.File(random() % 5 == 0 ? "no/such" : std::to_string(generation));
    Stored next;
    const Status status =
        Store(memory->begin(), model.size(), path, full ? nullptr : &last, changed, &next);
    CHECK_EQ(status.ok(), path.find("no/such") == std::string::npos);
    if (!status.ok()) continue;  // as a guest that goes on after a failed snapshot
    tracker->Rebase();
    last = next;
    CheckRecovers(last, model);
    if (random() % 4 != 0) continue;
    tracker = std::make_unique<DirtyTracker>();
    memory = std::make_unique<MappedMemory>(kMaxBytes);
    CHECK_OK(image::MapImage(last.image, last.paths, memory->begin(), 20));
    if (tracked) CHECK(tracker->Start(memory->begin(), model.size()));
  }
}

TEST(a_long_life_with_tracked_pages) {
  if (!DirtyTracker::Available()) SKIP("needs Linux 6.7 with userfaultfd");
  for (uint64_t seed = 82; seed < 90; ++seed) CheckLives(seed, true);
}

TEST(a_long_life_with_checksums) {
  for (uint64_t seed = 90; seed < 94; ++seed) CheckLives(seed, false);
}

// PAGEMAP_SCAN, see platform/linux/pagemap.cc.
constexpr uint32_t kPagemapScan = 0xc0606610;

TEST(an_older_kernel_compares_checksums) {
  test::InOlderKernel({{SYS_ioctl, kPagemapScan, ENOTTY}}, [] {
    MappedMemory memory(16 * kPageBytes);
    DirtyTracker tracker;
    CHECK(!tracker.Start(memory.begin(), 16 * kPageBytes));
    image::WriteOptions options;
    (void)MemorySource(memory.begin(), 16 * kPageBytes, &options);
    CHECK(options.in_place.empty());
    CheckLives(94, false);
  });
}

TEST(a_container_without_userfaultfd_compares_checksums) {
  test::InOlderKernel({{SYS_userfaultfd, 0, EPERM}}, [] {
    MappedMemory memory(16 * kPageBytes);
    DirtyTracker tracker;
    CHECK(!tracker.Start(memory.begin(), 16 * kPageBytes));
    CheckLives(95, false);
  });
}

TEST(a_lost_image_is_an_error_and_no_signal) {
  TemporaryDirectory directory;
  const Bytes contents(32 * image::kBlockBytes, 0x11);
  const std::string path = directory.File("image");
  MappedMemory source(contents.size());
  std::memcpy(source.begin(), contents.data(), contents.size());
  Stored stored;
  CHECK_OK(Store(source.begin(), contents.size(), path, nullptr, {}, &stored));
  MappedMemory memory(contents.size());
  CHECK_OK(image::MapImage(stored.image, stored.paths, memory.begin(), 1000));
  memory.begin()[3 * kPageBytes] = 0x22;
  (void)*static_cast<volatile uint8_t*>(memory.begin() + 20 * image::kBlockBytes);
  CHECK_EQ(chmod(path.c_str(), 0600), 0);
  CHECK_EQ(truncate(path.c_str(), 10 * image::kBlockBytes), 0);
  Stored again;

  const Status status =
      Store(memory.begin(), contents.size(), directory.File("again"), nullptr, {}, &again);

  CHECK_EQ(status.code, "GUEST_MEMORY_LOST");
  CHECK(!std::filesystem::exists(directory.File("again")));
}

}  // namespace
}  // namespace wasmsh::platform
