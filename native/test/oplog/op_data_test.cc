#include "oplog/op_data.h"

#include <string>

#include "test/check.h"
#include "test/temporary_directory.h"

namespace wasmsh::oplog {
namespace {

using test::TemporaryDirectory;

constexpr uint64_t kMebibyte = 1024 * 1024;

OpDataRange Add(OpData& data, const std::string& text) {
  const OpDataRange range = data.Reserve(text.size());
  data.Write(range.offset, reinterpret_cast<const uint8_t*>(text.data()), text.size());
  return range;
}

/** What is kept of a range; "gone" when it is not. */
std::string Text(OpData& data, const OpDataRange& range) {
  std::vector<uint8_t> bytes;
  bool is_kept = false;
  CHECK(data.Read(range, &bytes, &is_kept).ok());
  return is_kept ? std::string(bytes.begin(), bytes.end()) : "gone";
}

TEST(what_is_kept_is_read) {
  TemporaryDirectory directory;
  OpData data({directory.path()}, kMebibyte);
  const OpDataRange first = Add(data, "first");
  const OpDataRange none = Add(data, "");
  const OpDataRange second = Add(data, std::string("\0second", 7));
  CHECK_EQ(Text(data, first), std::string("first"));
  CHECK_EQ(Text(data, none), std::string());
  CHECK_EQ(Text(data, second), std::string("\0second", 7));
  CHECK_EQ(data.bytes(), 12u);
}

TEST(the_oldest_go_first) {
  TemporaryDirectory directory;
  OpData data({directory.path()}, kMebibyte);
  const std::string block(kMebibyte / 2, 'x');
  const OpDataRange first = Add(data, block);
  for (int i = 0; i < 8; ++i) Add(data, block);
  const OpDataRange last = Add(data, "last");
  CHECK_EQ(Text(data, first), std::string("gone"));
  CHECK_EQ(Text(data, last), std::string("last"));
  CHECK(data.bytes() <= 2 * kMebibyte);
}

TEST(one_op_may_be_larger_than_the_limit) {
  TemporaryDirectory directory;
  OpData data({directory.path()}, 10);
  const std::string block(3 * kMebibyte, 'x');
  const OpDataRange large = Add(data, block);
  CHECK_EQ(Text(data, large), std::string("gone"));
  CHECK_EQ(Text(data, Add(data, "small")), std::string("small"));
}

TEST(ranges_that_were_never_kept_are_gone) {
  TemporaryDirectory directory;
  OpData data({directory.path()}, kMebibyte);
  Add(data, "some");
  CHECK_EQ(Text(data, {2, 3}), std::string("gone"));
  CHECK_EQ(Text(data, {UINT64_MAX, 2}), std::string("gone"));
  CHECK_EQ(Text(data, {1, UINT64_MAX}), std::string("gone"));
}

TEST(without_a_folder_it_says_why) {
  OpData data({"/nonexistent"}, kMebibyte);
  const OpDataRange range = Add(data, "some");
  CHECK_EQ(Text(data, range), std::string("gone"));
  CHECK_EQ(data.failure().code, std::string("OPLOG_WRITE"));
}

TEST(nothing_is_left_when_it_is_cleared) {
  TemporaryDirectory directory;
  OpData data({directory.path()}, kMebibyte);
  const OpDataRange range = Add(data, "some");
  data.Clear();
  CHECK_EQ(Text(data, range), std::string("gone"));
  CHECK_EQ(Text(data, Add(data, "more")), std::string("more"));
}

}  // namespace
}  // namespace wasmsh::oplog
