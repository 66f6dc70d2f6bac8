#include <cstring>

#include "image/crc32c.h"
#include "image/view.h"
#include "image/view_format.h"
#include "test/fuzz.h"
#include "test/image/sample_views.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT

namespace {

view::View Decoded(const Bytes& bytes) {
  view::View view;
  CHECK_OK(view::Decode(bytes.data(), bytes.size(), &view));
  return view;
}

std::string DecodeCode(const Bytes& bytes) {
  view::View view;
  return view::Decode(bytes.data(), bytes.size(), &view).code;
}

/** Puts the right checksum behind changed bytes. */
void Seal(Bytes* bytes) {
  const uint32_t crc = view::Crc32c(bytes->data(), bytes->size() - view::kChecksumBytes);
  for (size_t i = 0; i < view::kChecksumBytes; ++i) {
    (*bytes)[bytes->size() - view::kChecksumBytes + i] = static_cast<uint8_t>(crc >> (8 * i));
  }
}

}  // namespace

TEST(ChecksumIsTheOneOfTheRfc) {
  const Bytes digits = Text("123456789");
  CHECK_EQ(view::Crc32c(digits.data(), digits.size()), 0xe3069283u);
  CHECK_EQ(view::Crc32c(nullptr, 0), 0u);
  // RFC 3720, appendix B.4.
  const Bytes zeros(32, 0);
  CHECK_EQ(view::Crc32c(zeros.data(), zeros.size()), 0x8a9136aau);
  const Bytes ones(32, 0xff);
  CHECK_EQ(view::Crc32c(ones.data(), ones.size()), 0x62a8ab43u);
}

TEST(HeaderIsAsSpecified) {
  const Bytes bytes = view::Encode(RunningView());
  const Bytes head = {'w', 'a', 's', 'm', 's', 'h', 'W', 'V', 1, 0, 0, 0,  7,
                      0,   0,   0,   1,   0,   0,   0,   0,   0, 0, 0, 184};
  CHECK(std::memcmp(bytes.data(), head.data(), head.size()) == 0);
  CHECK(std::memcmp(bytes.data() + 184, RunningView().module_sha256.data(), 32) == 0);
}

TEST(EveryFieldSurvives) {
  const view::View in = HostCallView();
  const view::View out = Decoded(view::Encode(in));
  CHECK(out.module_sha256 == in.module_sha256);
  CHECK_EQ(out.memories[0].pages, uint64_t{2});
  CHECK_EQ(out.monotonic_ns, in.monotonic_ns);
  CHECK(out.environment.arguments == in.environment.arguments);
  CHECK(out.environment.environment == in.environment.environment);
  CHECK_EQ(out.environment.entry_export, in.environment.entry_export);
  CHECK_EQ(out.environment.random_state[3], UINT64_MAX);
  CHECK(out.environment.deterministic);
  CHECK_EQ(out.environment.clock_step_ns, uint64_t{1000});
  const view::Instance& instance = out.instances[0];
  CHECK(instance.tables[0].elements == in.instances[0].tables[0].elements);
  CHECK(instance.dropped_data == in.instances[0].dropped_data);
  CHECK(instance.dropped_elements == in.instances[0].dropped_elements);
  CHECK_EQ(instance.globals[1].bits[0], view::kNullReference);
  const view::Thread& thread = out.threads[0];
  CHECK_EQ(thread.cpu_ns, uint64_t{123456789});
  CHECK_EQ(thread.position.value_or(0), uint64_t{1000});
  CHECK(thread.status == view::ThreadStatus::kHostCall);
  CHECK_EQ(thread.call->transferred, uint64_t{12});
  CHECK_EQ(thread.call->deadline_ns.value_or(0), uint64_t{6000000000});
  CHECK_EQ(thread.call->phase, 2u);
  CHECK_EQ(thread.frames[0].locals[1].bits[0], uint64_t{1} << 40);
  CHECK_EQ(thread.frames[1].operands[0].bits[0], uint64_t{7});
  CHECK(out.descriptors[0].unread == in.descriptors[0].unread);
  CHECK_EQ(out.descriptors[2].guest_path, in.descriptors[2].guest_path);
  CHECK_EQ(out.descriptors[2].rights_base, UINT64_MAX);
  CHECK_EQ(out.descriptors[2].offset, uint64_t{77});
}

TEST(OneStateHasOneEncoding) {
  for (const view::View& view : SampleViews()) {
    const Bytes bytes = view::Encode(view);
    CHECK(view::Encode(Decoded(bytes)) == bytes);
  }
}

TEST(ValuesOfEveryTypeSurvive) {
  view::View in = RunningView();
  in.threads[0].frames[0].locals = {
      {ValueType::kI32, {0xffffffff, 0}, true},
      {ValueType::kI64, {UINT64_MAX, 0}, false},
      {ValueType::kF32, {0x7fa00001, 0}, true},
      {ValueType::kF64, {0xfff4000000000001, 0}, true},
      {ValueType::kV128, {1, UINT64_MAX}, true},
      {ValueType::kFuncref, {3, 0}, true},
      {ValueType::kExternref, {view::kNullReference, 0}, true},
  };
  const view::View out = Decoded(view::Encode(in));
  for (size_t i = 0; i < 7; ++i) {
    const view::Value& a = in.threads[0].frames[0].locals[i];
    const view::Value& b = out.threads[0].frames[0].locals[i];
    CHECK(a.type == b.type && a.bits == b.bits && a.available == b.available);
  }
}

TEST(EveryChangedByteIsRefused) {
  for (const view::View& view : SampleViews()) {
    const Bytes bytes = view::Encode(view);
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        Bytes changed = bytes;
        changed[at] ^= static_cast<uint8_t>(1 << bit);
        const bool version = at < 12;
        CHECK_EQ(DecodeCode(changed),
                 std::string(version ? "SNAPSHOT_FORMAT" : "SNAPSHOT_CORRUPT"));
      }
    }
  }
}

TEST(EveryLengthButTheRightOneIsRefused) {
  const Bytes bytes = view::Encode(WaitView());
  for (size_t size = 0; size < bytes.size(); ++size) {
    Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(!DecodeCode(cut).empty());
    if (size < 200) continue;
    Seal(&cut);
    CHECK_EQ(DecodeCode(cut), std::string("SNAPSHOT_CORRUPT"));
  }
  Bytes longer = bytes;
  longer.push_back(0);
  Seal(&longer);
  CHECK_EQ(DecodeCode(longer), std::string("SNAPSHOT_CORRUPT"));
}

TEST(VersionsAreComparedByMajorAndMinor) {
  Bytes bytes = view::Encode(RunningView());
  bytes[8] = 2;
  CHECK_EQ(DecodeCode(bytes), std::string("SNAPSHOT_FORMAT"));
  bytes[8] = 1;
  bytes[10] = 1;
  CHECK_EQ(DecodeCode(bytes), std::string("SNAPSHOT_FORMAT"));
  bytes[10] = 0;
  CHECK_EQ(DecodeCode(bytes), std::string());
}

TEST(ListsThatClaimTooMuchAllocateNothing) {
  // The section of threads begins with their number; with a right checksum only the bounds help.
  const Bytes bytes = view::Encode(RunningView());
  for (size_t at = 184; at + 4 <= bytes.size() - view::kChecksumBytes; ++at) {
    Bytes changed = bytes;
    for (size_t i = 0; i < 4; ++i) changed[at + i] = 0xff;
    Seal(&changed);
    view::View view;
    const Status status = view::Decode(changed.data(), changed.size(), &view);
    // Either a field took it, and then nothing was lost, or it was refused.
    if (status.ok()) CHECK(view::Encode(view) == changed);
  }
}

TEST(FailureLeavesTheViewAlone) {
  Bytes bytes = view::Encode(RunningView());
  bytes[bytes.size() - 10] ^= 1;
  view::View view;
  view.monotonic_ns = 77;
  CHECK(!view::Decode(bytes.data(), bytes.size(), &view).ok());
  CHECK_EQ(view.monotonic_ns, uint64_t{77});
}
