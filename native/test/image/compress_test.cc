// zstd streams: round trips, damage, bombs.

#include "image/compress.h"

#include <zstd.h>

#include <algorithm>

#include "check.h"
#include "image/memory_support.h"

namespace wasmsh::image {
namespace {

using test::Bytes;
using test::Random;

constexpr uint64_t kNoLimit = UINT64_MAX;

Bytes Sample(Random* random, size_t size) {
  Bytes bytes(size);
  // Half noise, half repetition.
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = i / 4096 % 2 == 0 ? static_cast<uint8_t>((*random)()) : static_cast<uint8_t>(i % 7);
  }
  return bytes;
}

Bytes Compress(Random* random, const Bytes& bytes) {
  Compressor compressor;
  Bytes out;
  for (size_t at = 0; at < bytes.size();) {
    const size_t part = std::min<size_t>(bytes.size() - at, (*random)() % 300000);
    CHECK_OK(compressor.Write(bytes.data() + at, part, &out));
    at += part;
  }
  CHECK_OK(compressor.Finish(&out));
  return out;
}

/** Decompresses in parts of random size; never more than one step at a time. */
Status Decompress(Random* random, const Bytes& bytes, uint64_t limit, Bytes* out) {
  Decompressor decompressor(limit);
  for (size_t at = 0; at < bytes.size() || decompressor.pending();) {
    const size_t part = std::min<size_t>(bytes.size() - at, (*random)() % 70000);
    const size_t before = out->size();
    Status status = decompressor.Write(bytes.data() + at, part, out);
    if (!status.ok()) return status;
    CHECK(out->size() - before <= Decompressor::kStepBytes);
    at += part;
  }
  return decompressor.Finish();
}

TEST(round_trips) {
  Random random(51);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{65536}, size_t{3000000}}) {
    const Bytes bytes = Sample(&random, size);
    Bytes out;
    CHECK_OK(Decompress(&random, Compress(&random, bytes), kNoLimit, &out));
    CHECK(out == bytes);
  }
}

TEST(writes_what_zstd_reads) {
  Random random(52);
  const Bytes bytes = Sample(&random, 1000000);
  const Bytes compressed = Compress(&random, bytes);
  CHECK(compressed.size() < bytes.size() * 2 / 3);
  Bytes out(bytes.size());
  CHECK_EQ(ZSTD_decompress(out.data(), out.size(), compressed.data(), compressed.size()),
           out.size());
  CHECK(out == bytes);
}

TEST(reads_several_frames) {
  Random random(53);
  const Bytes bytes = Sample(&random, 100000);
  Bytes twice = Compress(&random, bytes);
  const Bytes once = twice;
  twice.insert(twice.end(), once.begin(), once.end());
  Bytes out;
  CHECK_OK(Decompress(&random, twice, kNoLimit, &out));
  CHECK_EQ(out.size(), 2 * bytes.size());
}

TEST(a_bomb_stops_at_the_limit) {
  // 1 GiB of zeros in some ten KiB.
  Compressor compressor;
  Bytes bomb;
  const Bytes zeros(1 << 22, 0);
  for (int i = 0; i < 256; ++i) CHECK_OK(compressor.Write(zeros.data(), zeros.size(), &bomb));
  CHECK_OK(compressor.Finish(&bomb));
  CHECK(bomb.size() < 1 << 20);
  Decompressor decompressor(100 << 20);
  size_t total = 0;
  Status status = Status::Ok();
  Bytes out;
  status = decompressor.Write(bomb.data(), bomb.size(), &out);
  while (status.ok() && decompressor.pending()) {
    total += out.size();
    out.clear();
    status = decompressor.Write(nullptr, 0, &out);
  }
  CHECK_EQ(status.code, "SNAPSHOT_TOO_LARGE");
  CHECK(total <= 100 << 20);
  CHECK(out.empty());
}

TEST(the_limit_itself_is_allowed) {
  Random random(54);
  const Bytes bytes = Sample(&random, 2000000);
  Bytes out;
  CHECK_OK(Decompress(&random, Compress(&random, bytes), bytes.size(), &out));
  out.clear();
  CHECK_EQ(Decompress(&random, Compress(&random, bytes), bytes.size() - 1, &out).code,
           "SNAPSHOT_TOO_LARGE");
}

TEST(a_huge_window_is_refused) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 28);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  Bytes compressed(1000);
  const Bytes input(100, 1);
  // Streaming without a known size: the frame then asks for its whole window.
  ZSTD_inBuffer in = {input.data(), input.size(), 0};
  ZSTD_outBuffer to = {compressed.data(), compressed.size(), 0};
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  compressed.resize(to.pos);
  Random random(55);
  Bytes out;
  CHECK_EQ(Decompress(&random, compressed, kNoLimit, &out).code, "SNAPSHOT_CORRUPT");
}

TEST(every_prefix_is_refused) {
  Random random(56);
  const Bytes good = Compress(&random, Sample(&random, 3000));
  for (size_t size = 0; size < good.size(); ++size) {
    Bytes out;
    const Bytes cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    CHECK_EQ(Decompress(&random, cut, kNoLimit, &out).code, "SNAPSHOT_CORRUPT");
  }
}

TEST(damage_is_refused_or_changes_nothing) {
  Random random(57);
  const Bytes bytes = Sample(&random, 20000);
  const Bytes good = Compress(&random, bytes);
  int refused = 0;
  for (int round = 0; round < 1000; ++round) {
    Bytes bad = good;
    bad[random() % bad.size()] ^= static_cast<uint8_t>(1u << random() % 8);
    Bytes out;
    const Status status = Decompress(&random, bad, kNoLimit, &out);
    if (status.ok()) {
      CHECK(out == bytes);  // bits that zstd ignores
    } else {
      CHECK_EQ(status.code, "SNAPSHOT_CORRUPT");
      ++refused;
    }
  }
  CHECK(refused > 950);
}

}  // namespace
}  // namespace wasmsh::image
