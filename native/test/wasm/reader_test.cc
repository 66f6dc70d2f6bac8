#include "wasm/reader.h"

#include "test/wasm/module_builder.h"
#include "wasm/utf8.h"

using wasmsh::test::Bytes;
using wasmsh::test::Leb;
using wasmsh::wasm::IsUtf8;
using wasmsh::wasm::Reader;

namespace {

/** `bytes` must outlive the reader. */
Reader Over(const Bytes& bytes) {
  return Reader(bytes.data(), 0, static_cast<uint32_t>(bytes.size()));
}

struct Unsigned {
  Bytes bytes;
  bool ok;
  uint32_t value;
};

struct Signed {
  Bytes bytes;
  bool ok;
  int64_t value;
};

}  // namespace

TEST(U32TakesWhatTheSpecificationAllows) {
  const Unsigned cases[] = {
      {{0x00}, true, 0},
      {{0x7f}, true, 127},
      {{0x80, 0x01}, true, 128},
      {{0x83, 0x00}, true, 3},                    // padded
      {{0x83, 0x80, 0x80, 0x80, 0x00}, true, 3},  // padded to the limit
      {{0xff, 0xff, 0xff, 0xff, 0x0f}, true, 0xffffffff},
      {{0xff, 0xff, 0xff, 0xff, 0x1f}, false, 0},        // a 33rd bit
      {{0xff, 0xff, 0xff, 0xff, 0x8f, 0x00}, false, 0},  // six bytes
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, false, 0},
      {{0x80}, false, 0},
      {{}, false, 0},
  };
  for (const Unsigned& c : cases) {
    Reader reader = Over(c.bytes);
    const uint32_t value = reader.U32();
    CHECK_EQ(reader.ok(), c.ok);
    CHECK_EQ(value, c.value);
    if (c.ok) CHECK(reader.at_end());
  }
}

TEST(S32TakesWhatTheSpecificationAllows) {
  const Signed cases[] = {
      {{0x00}, true, 0},
      {{0x7f}, true, -1},
      {{0x3f}, true, 63},
      {{0x40}, true, -64},
      {{0xff, 0x7f}, true, -1},                    // padded
      {{0xff, 0xff, 0xff, 0xff, 0x7f}, true, -1},  // padded to the limit
      {{0x80, 0x80, 0x80, 0x80, 0x78}, true, INT32_MIN},
      {{0xff, 0xff, 0xff, 0xff, 0x07}, true, INT32_MAX},
      {{0xff, 0xff, 0xff, 0xff, 0x0f}, false, 0},  // sign bit without its copies
      {{0x80, 0x80, 0x80, 0x80, 0x70}, false, 0},  // copies without the sign bit
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, false, 0},
      {{0xff, 0xff}, false, 0},
  };
  for (const Signed& c : cases) {
    Reader reader = Over(c.bytes);
    const int64_t value = reader.S32();
    CHECK_EQ(reader.ok(), c.ok);
    CHECK_EQ(value, c.value);
  }
}

TEST(S64TakesWhatTheSpecificationAllows) {
  const Signed cases[] = {
      {{0x7f}, true, -1},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f}, true, INT64_MIN},
      {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, true, INT64_MAX},
      {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, true, -1},
      {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, false, 0},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, false, 0},
  };
  for (const Signed& c : cases) {
    Reader reader = Over(c.bytes);
    const int64_t value = reader.S64();
    CHECK_EQ(reader.ok(), c.ok);
    CHECK_EQ(value, c.value);
  }
}

TEST(S33ReadsTypeIndices) {
  const Bytes largest = {0xff, 0xff, 0xff, 0xff, 0x0f};
  Reader reader = Over(largest);
  CHECK_EQ(reader.S33(), int64_t{0xffffffff});
  CHECK(reader.ok());
  const Bytes smallest = {0x80, 0x80, 0x80, 0x80, 0x70};
  Reader negative = Over(smallest);
  CHECK_EQ(negative.S33(), -(int64_t{1} << 32));
  CHECK(negative.ok());
}

TEST(EveryU32SurvivesEveryPadding) {
  for (uint32_t shift = 0; shift < 32; ++shift) {
    for (const uint32_t value : {uint32_t{1} << shift, (uint32_t{1} << shift) - 1}) {
      for (uint32_t width = 1; width <= 5; ++width) {
        const Bytes bytes = Leb(value, width);
        Reader reader = Over(bytes);
        CHECK_EQ(reader.U32(), value);
        CHECK(reader.ok() && reader.at_end());
      }
    }
  }
}

TEST(FailuresStick) {
  const Bytes two = {0x01, 0x02};
  Reader reader = Over(two);
  CHECK(reader.Bytes(3) == nullptr);
  CHECK(!reader.ok());
  CHECK_EQ(reader.Byte(), uint8_t{0});
  CHECK_EQ(reader.U32(), uint32_t{0});
  CHECK_EQ(reader.offset(), uint32_t{0});
}

TEST(CountIsBoundedByWhatIsLeft) {
  const Bytes list = {0x03, 1, 2, 3, 4, 5};
  Reader reader = Over(list);
  CHECK_EQ(reader.Count(1), uint32_t{3});
  Reader too_long = Over(list);
  CHECK_EQ(too_long.Count(2), uint32_t{0});
  CHECK(!too_long.ok());
  const Bytes endless = {0xff, 0xff, 0xff, 0xff, 0x0f, 1};
  Reader huge = Over(endless);
  CHECK_EQ(huge.Count(1), uint32_t{0});
  CHECK(!huge.ok());
}

TEST(NamesAreUtf8) {
  const Bytes euro = {0x03, 0xe2, 0x82, 0xac};
  Reader good = Over(euro);
  CHECK_EQ(good.Name(), std::string("\u20ac"));
  const Bytes overlong = {0x02, 0xc0, 0x80};
  Reader bad = Over(overlong);
  CHECK(bad.Name().empty());
  CHECK(!bad.ok());
}

TEST(Utf8RefusesWhatIsNot) {
  const std::string good[] = {"",
                              "abc",
                              "\xc2\x80",
                              "\xed\x9f\xbf",
                              "\xee\x80\x80",
                              "\xf0\x90\x80\x80",
                              "\xf4\x8f\xbf\xbf"};
  for (const std::string& text : good) {
    CHECK(IsUtf8(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
  }
  const std::string bad[] = {"\x80",
                             "\xc1\xbf",
                             "\xc2",
                             "\xe0\x9f\xbf",
                             "\xed\xa0\x80",
                             "\xf0\x8f\xbf\xbf",
                             "\xf4\x90\x80\x80",
                             "\xff",
                             "\xe2\x82",
                             "a\xf0\x90\x80"};
  for (const std::string& text : bad) {
    CHECK(!IsUtf8(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
  }
}
