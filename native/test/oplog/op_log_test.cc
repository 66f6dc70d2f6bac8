#include "oplog/op_log.h"

#include <sys/resource.h>
#include <time.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "test/check.h"
#include "test/temporary_directory.h"

namespace wasmsh::oplog {
namespace {

using test::TemporaryDirectory;

constexpr uint64_t kMebibyte = 1024 * 1024;

uint32_t Shape(const char* name) { return static_cast<uint32_t>(FindOpShape(name)); }

OpRecord Tell(uint64_t offset) {
  OpRecord record;
  record.shape = Shape("fd_tell");
  record.numbers[0] = 5;
  record.numbers[1] = offset;
  return record;
}

OpLogOptions In(const TemporaryDirectory& directory, uint64_t limit = 64 * kMebibyte) {
  OpLogOptions options;
  options.folders = {directory.path()};
  options.limit_bytes = limit;
  return options;
}

std::vector<Op> Read(OpLog& log, uint64_t from, size_t most) {
  std::vector<Op> ops;
  CHECK(log.Read(from, most, &ops).ok());
  return ops;
}

TEST(an_empty_log_has_nothing_to_read) {
  TemporaryDirectory directory;
  OpLog log(In(directory));
  CHECK(Read(log, 1, 10).empty());
  CHECK_EQ(log.Stats().next, 1u);
}

OpRecord Close(uint64_t fd) {
  OpRecord record;
  record.shape = Shape("fd_close");
  record.numbers[0] = fd;
  return record;
}

TEST(changes_are_taken_once_in_order_and_with_the_seq_of_the_log) {
  TemporaryDirectory directory;
  OpLog log(In(directory, kMebibyte));
  size_t notified = 0;
  log.OnChanges([&notified] { ++notified; });
  constexpr uint64_t kChanges = 20000;
  for (uint64_t i = 0; i < kChanges; ++i) {
    log.Append(Tell(i));
    log.Append(Close(i));
  }
  CHECK(notified > 1);
  uint64_t fd = 0;
  for (;;) {
    std::vector<Op> ops;
    CHECK(log.TakeChanges(&ops).ok());
    if (ops.empty()) break;
    for (const Op& op : ops) {
      CHECK_EQ(op.numbers[0], fd);
      CHECK_EQ(op.seq, 2 * fd + 2);
      ++fd;
    }
  }
  CHECK_EQ(fd, kChanges);
  log.Append(Close(7));
  std::vector<Op> ops;
  CHECK(log.TakeChanges(&ops).ok());
  CHECK_EQ(ops.size(), 1u);
  CHECK_EQ(ops[0].seq, 2 * kChanges + 1);
}

TEST(a_log_without_room_still_has_the_changes) {
  TemporaryDirectory directory;
  OpLog log(In(directory, 0));
  CHECK(!log.Wants(OpShapes()[Shape("fd_tell")]));
  CHECK(log.Wants(OpShapes()[Shape("fd_close")]));
  const uint64_t first = log.Reserve();
  log.Append(Close(2));
  log.AppendReserved(first, Close(1));
  CHECK(Read(log, 1, 10).empty());
  std::vector<Op> ops;
  CHECK(log.TakeChanges(&ops).ok());
  CHECK_EQ(ops.size(), 2u);
  CHECK_EQ(ops[1].numbers[0], 2u);
}

TEST(a_discarded_log_keeps_nothing_but_its_counts) {
  TemporaryDirectory directory;
  OpLog log(In(directory));
  for (uint64_t i = 0; i < 50000; ++i) log.Append(Tell(i));
  log.Discard();
  for (uint64_t i = 0; i < 50000; ++i) log.Append(Tell(i));
  const OpLogStats stats = log.Stats();
  CHECK_EQ(stats.counts[Shape("fd_tell")], 100000u);
  CHECK(stats.failure.ok());
  CHECK_EQ(stats.bytes, 0u);
  CHECK(Read(log, 1, 100000).empty());
}

TEST(ops_are_read_from_anywhere) {
  TemporaryDirectory directory;
  OpLog log(In(directory));
  constexpr uint64_t kOps = 50000;
  for (uint64_t i = 1; i <= kOps; ++i) log.Append(Tell(i * 1000003));
  for (uint64_t from : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{7000}, kOps - 1, kOps}) {
    const std::vector<Op> ops = Read(log, from, 9000);
    uint64_t seq = from == 0 ? 1 : from;
    CHECK_EQ(ops.size(), std::min<uint64_t>(9000, kOps - seq + 1));
    for (const Op& op : ops) {
      CHECK_EQ(op.seq, seq);
      CHECK_EQ(op.numbers[1], seq * 1000003);
      ++seq;
    }
  }
  CHECK(Read(log, kOps + 1, 1).empty());
  CHECK_EQ(log.Stats().counts[Shape("fd_tell")], kOps);
  CHECK(directory.IsEmpty());  // the file has no name
}

/** Kilobytes of this process that are in memory. */
uint64_t ResidentKilobytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4;
}

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

/** Seconds of the quickest of several batches: the others met something else. */
double QuickestBatch(OpLog& log) {
  double quickest = 1;
  for (int batch = 0; batch < 20; ++batch) {
    const double begin = CpuSeconds();
    for (uint64_t i = 0; i < 10000; ++i) log.Append(Tell(i));
    quickest = std::min(quickest, CpuSeconds() - begin);
  }
  return quickest;
}

TEST(a_million_ops_neither_fill_the_memory_nor_slow_down) {
  TemporaryDirectory directory;
  OpLog log(In(directory, kMebibyte));
  const double first = QuickestBatch(log);
  const uint64_t before = ResidentKilobytes();
  for (uint64_t i = 0; i < 1'000'000; ++i) {
    log.Append(Tell(i));
    if (i % 100 == 0) log.Append(Close(i));  // nobody takes them
  }
  CHECK(ResidentKilobytes() < before + 1024);
  CHECK(QuickestBatch(log) < 3 * first);
  CHECK_EQ(log.Stats().next, 1u + 1'010'000u + 400'000u);
}

TEST(the_oldest_ops_go_first) {
  TemporaryDirectory directory;
  OpLog log(In(directory, kMebibyte));
  for (uint64_t i = 1; i <= 500000; ++i) log.Append(Tell(i));
  const OpLogStats stats = log.Stats();
  CHECK(stats.first > 1);
  CHECK_EQ(stats.next, 500001u);
  CHECK(stats.bytes <= kMebibyte + 64 * 1024);
  CHECK_EQ(Read(log, 1, 1).at(0).seq, stats.first);
  CHECK_EQ(Read(log, 1, 1).at(0).numbers[1], stats.first);
  CHECK_EQ(Read(log, 500000, 5).size(), 1u);
}

TEST(a_reserved_place_is_kept) {
  TemporaryDirectory directory;
  OpLog log(In(directory));
  log.Append(Tell(1));
  const uint64_t second = log.Reserve();
  log.Append(Tell(3));
  log.Append(Tell(4));
  CHECK_EQ(log.Stats().next, 2u);  // held back
  log.AppendReserved(second, Tell(2));
  const std::vector<Op> ops = Read(log, 1, 10);
  CHECK_EQ(ops.size(), 4u);
  for (const Op& op : ops) CHECK_EQ(op.numbers[1], op.seq);
}

TEST(eight_threads_keep_the_order_of_what_they_change) {
  // A table of descriptors as the host has it, changed under its lock; folding the log must give
  // it.
  TemporaryDirectory directory;
  OpLog log(In(directory));
  std::mutex table_mutex;
  std::map<uint64_t, uint64_t> table;  // descriptor -> what it is
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      uint64_t state = thread + 1;
      for (int i = 0; i < 5000; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const uint64_t fd = (state >> 33) % 16;
        OpRecord record;
        record.thread = thread;
        uint64_t seq = 0;
        {
          std::lock_guard<std::mutex> lock(table_mutex);
          if (table.count(fd) == 0) {
            const uint64_t identity = state;
            table[fd] = identity;
            record.shape = Shape("path_open");
            for (uint64_t& number : record.numbers) number = 0;
            record.numbers[4] = identity;  // rights
            record.numbers[7] = fd;
          } else if ((state >> 40) % 2 == 0) {
            table.erase(fd);
            record.shape = Shape("fd_close");
            record.numbers[0] = fd;
          } else {
            const uint64_t to = (state >> 45) % 16;
            if (to == fd) continue;
            table[to] = table[fd];
            table.erase(fd);
            record.shape = Shape("fd_renumber");
            record.numbers[0] = fd;
            record.numbers[1] = to;
          }
          seq = log.Reserve();
        }
        log.AppendReserved(seq, record);
        log.Append(Tell(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<uint64_t, uint64_t> folded;
  uint64_t seq = 1;
  for (uint64_t from = 1;;) {
    const std::vector<Op> ops = Read(log, from, 1000);
    if (ops.empty()) break;
    for (const Op& op : ops) {
      CHECK_EQ(op.seq, seq++);
      if (op.shape == Shape("path_open")) {
        folded[op.numbers[7]] = op.numbers[4];
      } else if (op.shape == Shape("fd_close")) {
        folded.erase(op.numbers[0]);
      } else if (op.shape == Shape("fd_renumber")) {
        folded[op.numbers[1]] = folded[op.numbers[0]];
        folded.erase(op.numbers[0]);
      }
    }
    from = ops.back().seq + 1;
  }
  CHECK(folded == table);
}

TEST(it_can_be_read_while_it_is_written) {
  TemporaryDirectory directory;
  OpLog log(In(directory, kMebibyte));
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    for (uint64_t i = 1; i <= 300000; ++i) log.Append(Tell(i));
    is_done = true;
  });
  uint64_t from = 1;
  while (!is_done) {
    const std::vector<Op> ops = Read(log, from, 500);
    for (const Op& op : ops) {
      CHECK(op.seq >= from);
      CHECK_EQ(op.numbers[1], op.seq);
      from = op.seq + 1;
    }
  }
  writer.join();
}

TEST(without_a_folder_only_the_latest_ops_are_kept) {
  OpLogOptions options;
  options.folders = {"/nonexistent/folder"};
  options.limit_bytes = kMebibyte;
  OpLog log(options);
  for (uint64_t i = 1; i <= 100000; ++i) log.Append(Tell(i));
  const OpLogStats stats = log.Stats();
  CHECK_EQ(stats.failure.code, "OPLOG_WRITE");
  CHECK(stats.first > 1);
  const std::vector<Op> ops = Read(log, 1, 1);
  CHECK_EQ(ops.at(0).numbers[1], ops.at(0).seq);
  CHECK_EQ(Read(log, 100000, 1).size(), 1u);
}

TEST(a_full_disk_loses_ops_and_nothing_else) {
  TemporaryDirectory directory;
  OpLog log(In(directory));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before = {};
  CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit limit = before;
  limit.rlim_cur = 200 * 1024;
  CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  for (uint64_t i = 1; i <= 100000; ++i) log.Append(Tell(i));
  CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK_EQ(log.Stats().failure.code, "OPLOG_WRITE");
  CHECK_EQ(Read(log, 100000, 1).at(0).numbers[1], 100000u);
}

}  // namespace
}  // namespace wasmsh::oplog
