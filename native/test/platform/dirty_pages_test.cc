// The dirty page tracker against a comparison of all bytes.

#include "platform/linux/dirty_pages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "image/memory_image.h"
#include "image/memory_support.h"
#include "platform/linux/guest_memory.h"
#include "platform/linux/pagemap.h"
#include "temporary_directory.h"

namespace wasmsh::platform {
namespace {

using test::Bytes;
using test::MappedMemory;
using test::Random;
using test::TemporaryDirectory;

constexpr uint64_t kPage = kBitmapPageBytes;

void NeedTracker() {
  if (!DirtyTracker::Available()) SKIP("needs Linux 6.7 with userfaultfd");
}

bool Has(const Bytes& bitmap, uint64_t page) { return (bitmap[page / 8] >> page % 8 & 1) != 0; }

uint64_t Count(const Bytes& bitmap) {
  uint64_t count = 0;
  for (uint64_t page = 0; page < bitmap.size() * 8; ++page) count += Has(bitmap, page) ? 1 : 0;
  return count;
}

/** Keeps a copy, and says which pages differ from it by now. */
class Shadow {
 public:
  Shadow(const uint8_t* memory, uint64_t bytes) : memory_(memory), copy_(memory, memory + bytes) {}
  Bytes Changed() const {
    return test::ChangedPages(copy_, Bytes(memory_, memory_ + copy_.size()));
  }

 private:
  const uint8_t* memory_;
  Bytes copy_;
};

void WriteRandomly(Random* random, uint8_t* memory, uint64_t bytes, int count) {
  for (int i = 0; i < count; ++i) {
    const uint64_t at = (*random)() % bytes;
    memory[at] = static_cast<uint8_t>(memory[at] + 1);
  }
}

/** Sums up one byte of each page. */
uint64_t ReadEveryPage(const uint8_t* memory, uint64_t bytes) {
  uint64_t sum = 0;
  for (uint64_t at = 0; at < bytes; at += kPage) {
    sum += *static_cast<const volatile uint8_t*>(memory + at);
  }
  return sum;
}

/** Writes at random, over many rounds, and compares what is reported with what differs. */
void CheckAgainstShadow(uint64_t seed, uint8_t* memory, uint64_t bytes) {
  Random random(seed);
  DirtyTracker tracker;
  CHECK(tracker.Start(memory, bytes));
  for (int round = 0; round < 30; ++round) {
    const Shadow shadow(memory, bytes);  // reads all of it, which must not count
    WriteRandomly(&random, memory, bytes, static_cast<int>(random() % 50));
    Bytes changed;
    CHECK(tracker.Collect(bytes, &changed));
    tracker.Rebase();
    CHECK(changed == shadow.Changed());
  }
}

TEST(anonymous_memory_as_a_comparison_says) {
  NeedTracker();
  MappedMemory memory(256 * kPage);
  Random random(61);
  WriteRandomly(&random, memory.begin(), 256 * kPage, 60);
  CheckAgainstShadow(62, memory.begin(), 256 * kPage);
}

TEST(mapped_images_as_a_comparison_says) {
  NeedTracker();
  TemporaryDirectory directory;
  Random random(63);
  const Bytes contents = test::RandomMemory(&random, 32, 30);
  image::WriteOptions options;
  options.path = directory.File("image");
  image::MemoryImage image;
  CHECK_OK(image::WriteImage(test::ReaderOf(contents), contents.size(), options, &image));
  CHECK(image.extents.size() > 2);
  MappedMemory memory(contents.size());
  CHECK_OK(image::MapImage(image, {options.path}, memory.begin(), 1000));
  CheckAgainstShadow(64, memory.begin(), contents.size());
}

TEST(what_was_not_stored_is_reported_again) {
  NeedTracker();
  MappedMemory memory(64 * kPage);
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), 64 * kPage));
  Bytes changed;
  memory.begin()[3 * kPage] = 1;
  CHECK(tracker.Collect(64 * kPage, &changed));
  memory.begin()[9 * kPage] = 1;

  CHECK(tracker.Collect(64 * kPage, &changed));
  CHECK(Has(changed, 3) && Has(changed, 9));
  CHECK_EQ(Count(changed), 2u);

  tracker.Rebase();
  CHECK(tracker.Collect(64 * kPage, &changed));
  CHECK_EQ(Count(changed), 0u);
}

TEST(grown_memory_counts_as_changed_and_is_tracked) {
  NeedTracker();
  MappedMemory memory(64 * kPage);
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), 16 * kPage));
  memory.begin()[2 * kPage] = 1;
  memory.begin()[40 * kPage] = 1;
  Bytes changed;

  CHECK(tracker.Collect(64 * kPage, &changed));
  CHECK(Has(changed, 2));
  CHECK_EQ(Count(changed), 1u + 48);

  tracker.Rebase();
  memory.begin()[41 * kPage] = 1;
  CHECK(tracker.Collect(64 * kPage, &changed));
  CHECK(Has(changed, 41));
  CHECK_EQ(Count(changed), 1u);
}

TEST(writes_by_the_kernel_count) {
  NeedTracker();
  MappedMemory memory(16 * kPage);
  memory.begin()[5 * kPage] = 1;
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), 16 * kPage));
  const int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  CHECK_EQ(read(fd, memory.begin() + 5 * kPage, 2 * kPage), static_cast<ssize_t>(2 * kPage));
  close(fd);
  const uint8_t byte = 7;
  CHECK(WriteOwnMemory(memory.begin() + 9 * kPage, 1, &byte));
  Bytes changed;

  CHECK(tracker.Collect(16 * kPage, &changed));

  CHECK(Has(changed, 5) && Has(changed, 6) && Has(changed, 9));
  CHECK_EQ(Count(changed), 3u);
}

TEST(reading_by_the_kernel_does_not_count) {
  NeedTracker();
  MappedMemory memory(16 * kPage);
  memory.begin()[5 * kPage] = 1;
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), 16 * kPage));
  Bytes copy(16 * kPage);
  CHECK(ReadOwnMemory(memory.begin(), copy.size(), copy.data()));
  CHECK_EQ(copy[5 * kPage], uint8_t{1});
  Bytes changed;

  CHECK(tracker.Collect(16 * kPage, &changed));

  CHECK_EQ(Count(changed), 0u);
}

TEST(a_fork_disturbs_neither_side) {
  NeedTracker();
  MappedMemory memory(16 * kPage);
  memory.begin()[5 * kPage] = 1;
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), 16 * kPage));
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    memory.begin()[5 * kPage] = 2;
    memory.begin()[6 * kPage] = 2;
    _exit(memory.begin()[5 * kPage] == 2 ? 0 : 1);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  memory.begin()[7 * kPage] = 1;
  Bytes changed;

  CHECK(tracker.Collect(16 * kPage, &changed));

  CHECK_EQ(memory.begin()[5 * kPage], uint8_t{1});
  CHECK(Has(changed, 7));
  CHECK_EQ(Count(changed), 1u);
}

TEST(memory_may_go_away_before_the_tracker) {
  NeedTracker();
  DirtyTracker tracker;
  {
    MappedMemory memory(16 * kPage);
    CHECK(tracker.Start(memory.begin(), 16 * kPage));
    memory.begin()[0] = 1;
  }
  tracker.Stop();
  CHECK(!tracker.running());
}

TEST(replaced_memory_is_noticed) {
  NeedTracker();
  MappedMemory memory(16 * kPage);
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), 16 * kPage));
  CHECK(mmap(memory.begin() + kPage, kPage, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == memory.begin() + kPage);
  Bytes changed;
  CHECK(!tracker.Collect(16 * kPage, &changed));
}

TEST(can_start_again) {
  NeedTracker();
  MappedMemory memory(16 * kPage);
  DirtyTracker tracker;
  Bytes changed;
  for (int round = 0; round < 3; ++round) {
    CHECK(tracker.Start(memory.begin(), 16 * kPage));
    memory.begin()[kPage] = static_cast<uint8_t>(round + 1);
    CHECK(tracker.Collect(16 * kPage, &changed));
    CHECK(Has(changed, 1));
    CHECK_EQ(Count(changed), 1u);
  }
}

TEST(touched_pages_are_those_written) {
  MappedMemory memory(64 * kPage);
  memory.begin()[3 * kPage] = 1;
  memory.begin()[40 * kPage] = 1;
  (void)ReadEveryPage(memory.begin(), 32 * kPage);
  Bytes touched;

  CHECK(TouchedPages(memory.begin(), 64 * kPage, &touched));

  CHECK(Has(touched, 3) && Has(touched, 40));
  // Without PAGEMAP_SCAN the pages of zeros that were only read cannot be told apart.
  CHECK(Count(touched) == 2 || !DirtyTracker::Available());
  CHECK(!Has(touched, 50));
}

TEST(touched_pages_stay_few_while_tracked) {
  NeedTracker();
  MappedMemory memory(64 * kPage);
  memory.begin()[3 * kPage] = 1;
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), 64 * kPage));
  memory.begin()[4 * kPage] = 1;
  Bytes bitmap;
  CHECK(tracker.Collect(64 * kPage, &bitmap));

  CHECK(TouchedPages(memory.begin(), 64 * kPage, &bitmap));

  CHECK(Has(bitmap, 3) && Has(bitmap, 4));
  CHECK_EQ(Count(bitmap), 2u);
}

TEST(mapped_pages_count_as_touched_before_they_are_read) {
  TemporaryDirectory directory;
  image::WriteOptions options;
  options.path = directory.File("image");
  Bytes contents(64 * kPage, 0);
  std::memset(&contents[16 * kPage], 1, 8 * kPage);
  image::MemoryImage image;
  CHECK_OK(image::WriteImage(test::ReaderOf(contents), contents.size(), options, &image));
  MappedMemory memory(contents.size());
  CHECK_OK(image::MapImage(image, {options.path}, memory.begin(), 1000));
  memory.begin()[50 * kPage] = 1;
  Bytes touched;

  CHECK(TouchedPages(memory.begin(), contents.size(), &touched));

  for (uint64_t page = 0; page < 64; ++page) {
    CHECK_EQ(Has(touched, page), (page >= 16 && page < 24) || page == 50);
  }
}

TEST(the_old_way_finds_touched_pages_too) {
  MappedMemory memory(64 * kPage);
  memory.begin()[3 * kPage] = 1;
  Bytes bitmap = NewBitmap(64 * kPage);
  CHECK(Pagemap().ReadPopulated(memory.begin(), 64 * kPage, &bitmap));
  CHECK(Has(bitmap, 3));
  CHECK(!Has(bitmap, 50));
}

TEST(a_mapped_guest_and_its_child_snapshot) {
  NeedTracker();
  TemporaryDirectory directory;
  Random random(65);
  const Bytes contents = test::RandomMemory(&random, 64, 4);
  image::WriteOptions options;
  options.path = directory.File("parent");
  image::MemoryImage parent;
  CHECK_OK(image::WriteImage(test::ReaderOf(contents), contents.size(), options, &parent));
  MappedMemory memory(contents.size());
  CHECK_OK(image::MapImage(parent, {options.path}, memory.begin(), 1000));
  DirtyTracker tracker;
  CHECK(tracker.Start(memory.begin(), contents.size()));
  WriteRandomly(&random, memory.begin(), contents.size(), 20);

  image::WriteOptions child_options;
  child_options.path = directory.File("child");
  child_options.parent = &parent;
  CHECK(tracker.Collect(contents.size(), &child_options.changed));
  CHECK(TouchedPages(memory.begin(), contents.size(), &child_options.touched));
  const image::MemoryReader read = [&](uint64_t offset, uint64_t length, uint8_t* to) {
    return ReadOwnMemory(memory.begin() + offset, length, to);
  };
  image::MemoryImage child;
  CHECK_OK(image::WriteImage(read, contents.size(), child_options, &child));

  const std::vector<std::string> paths = {child_options.path, options.path};
  CHECK_OK(image::VerifyImage(child, paths));
  MappedMemory again(contents.size());
  CHECK_OK(image::MapImage(child, paths, again.begin(), 1000));
  CHECK(again.Equals(Bytes(memory.begin(), memory.begin() + contents.size())));
  uint64_t own = 0;
  for (const image::Extent& extent : child.extents) own += extent.image == 0 ? extent.length : 0;
  CHECK(own <= 20 * kPage);
}

}  // namespace
}  // namespace wasmsh::platform
