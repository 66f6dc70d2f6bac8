// The table of stable points, which all guests of a module read at once.

#include "engine/compiled/stable_points.h"

#include <thread>
#include <vector>

#include "test/check.h"

namespace {

using wasmsh::engine::FunctionPoints;
using wasmsh::engine::StablePoints;

constexpr uint32_t kFunctions = 3000;
constexpr int kThreads = 4;

void PutU32(uint32_t value, std::vector<uint8_t>* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(uint8_t(value | 0x80));
  out->push_back(uint8_t(value));
}

/** Functions without locals, each with its entry alone. */
std::vector<uint8_t> Table() {
  std::vector<uint8_t> bytes = {'W', 'S', 'P', 1};
  PutU32(kFunctions, &bytes);
  PutU32(0, &bytes);  // imports
  PutU32(0, &bytes);  // waits
  PutU32(kFunctions, &bytes);
  for (uint32_t i = 0; i < kFunctions; ++i) {
    // Parameters, runs of locals, results; one point: pc, operands, an entry, live locals.
    const std::vector<uint8_t> function = {0, 0, 0, 1, 0, 0, 0, 0};
    PutU32(i == 0 ? 0 : 1, &bytes);
    PutU32(uint32_t(function.size()), &bytes);
    bytes.insert(bytes.end(), function.begin(), function.end());
  }
  return bytes;
}

}  // namespace

TEST(is_read_by_many_threads) {
  std::unique_ptr<StablePoints> points;
  CHECK_OK(StablePoints::Parse(Table(), &points));
  std::vector<std::vector<const FunctionPoints*>> found(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : found) {
    mine.resize(kFunctions);
    threads.emplace_back([&] {
      for (uint32_t i = 0; i < kFunctions; ++i) (void)points->Of(i, &mine[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (uint32_t i = 0; i < kFunctions; ++i) {
    CHECK(found[0][i] != nullptr);
    CHECK_EQ(found[0][i]->points.size(), size_t{1});
    for (const auto& mine : found) CHECK(mine[i] == found[0][i]);
  }
}
