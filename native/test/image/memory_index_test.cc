// The codec of memory-N.idx against damage and nonsense.

#include "check.h"
#include "image/memory_image.h"
#include "image/memory_support.h"

namespace wasmsh::image {
namespace {

using test::Bytes;
using test::Random;

MemoryImage Sample() {
  MemoryImage image;
  image.bytes = 6 * kBlockBytes;
  image.extents = {{0, 3 * kPageBytes, 0},
                   {4 * kPageBytes, kPageBytes, 2},
                   {5 * kPageBytes, 2 * kBlockBytes, 1}};
  for (uint8_t i = 0; i < 6; ++i) image.block_hashes.push_back(HashBytes(&i, 1));
  return image;
}

/** Decodes from memory of exactly that size, so that a sanitizer sees any read beyond it. */
Status DecodeExactly(const Bytes& bytes, size_t size, MemoryImage* out) {
  const Bytes exact(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
  return DecodeIndex(exact.data(), exact.size(), out);
}

/** Makes the checksum right again, so that the checks behind it are reached. */
void Seal(Bytes* bytes) {
  const size_t body = bytes->size() - sizeof(Hash128);
  const Hash128 checksum = HashBytes(bytes->data(), body);
  std::copy(checksum.begin(), checksum.end(), bytes->begin() + static_cast<ptrdiff_t>(body));
}

TEST(the_layout_is_as_documented) {
  const Bytes bytes = EncodeIndex(Sample());
  CHECK_EQ(bytes.size(), 32u + 3 * 12 + 6 * 16 + 16);
  const Bytes start = {'w', 'a', 's', 'm', 's', 'h', 'M', 'I', 1, 0, 0, 0, 0, 0, 0, 0,
                       0,   0,   6,   0,   0,   0,   0,   0,   3, 0, 0, 0, 6, 0, 0, 0};
  CHECK(Bytes(bytes.begin(), bytes.begin() + 32) == start);
  const Bytes second = {4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0};
  CHECK(Bytes(bytes.begin() + 44, bytes.begin() + 56) == second);
}

TEST(hashes_are_the_published_ones) {
  // XXH3_128bits of no bytes and of "a": xxHash's own sanity values.
  const Hash128 none = {0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8,
                        0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f};
  CHECK(HashBytes(nullptr, 0) == none);
}

TEST(decodes_what_it_encoded) {
  const MemoryImage sample = Sample();
  const Bytes bytes = EncodeIndex(sample);
  MemoryImage decoded;

  CHECK_OK(DecodeExactly(bytes, bytes.size(), &decoded));

  CHECK_EQ(decoded.bytes, sample.bytes);
  CHECK_EQ(decoded.extents.size(), sample.extents.size());
  CHECK_EQ(decoded.extents[2].length, sample.extents[2].length);
  CHECK(decoded.block_hashes == sample.block_hashes);
}

TEST(every_flipped_bit_is_refused) {
  const Bytes good = EncodeIndex(Sample());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    MemoryImage decoded;
    const std::string code = DecodeExactly(bytes, bytes.size(), &decoded).code;
    CHECK_EQ(code, bit / 8 < 12 ? "SNAPSHOT_FORMAT" : "SNAPSHOT_CORRUPT");
  }
}

TEST(every_prefix_is_refused) {
  const Bytes good = EncodeIndex(Sample());
  for (size_t size = 0; size < good.size(); ++size) {
    MemoryImage decoded;
    CHECK(!DecodeExactly(good, size, &decoded).ok());
  }
}

TEST(bytes_behind_the_end_are_refused) {
  Bytes bytes = EncodeIndex(Sample());
  bytes.push_back(0);
  MemoryImage decoded;
  CHECK_EQ(DecodeExactly(bytes, bytes.size(), &decoded).code, "SNAPSHOT_CORRUPT");
}

TEST(newer_versions_are_refused_by_number) {
  Bytes bytes = EncodeIndex(Sample());
  bytes[10] = 1;
  Seal(&bytes);
  MemoryImage decoded;
  const Status status = DecodeExactly(bytes, bytes.size(), &decoded);
  CHECK_EQ(status.code, "SNAPSHOT_FORMAT");
  CHECK(status.message.find("1.1") != std::string::npos);
}

TEST(sealed_nonsense_is_refused_or_harmless) {
  Random random(31);
  const Bytes good = EncodeIndex(Sample());
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    Bytes bytes = good;
    for (uint64_t i = 1 + random() % 4; i > 0; --i) {
      bytes[12 + random() % (bytes.size() - 12 - 16)] = static_cast<uint8_t>(random());
    }
    Seal(&bytes);
    MemoryImage decoded;
    if (!DecodeExactly(bytes, bytes.size(), &decoded).ok()) continue;
    ++accepted;
    CHECK_OK(CheckImage(decoded, UINT32_MAX));
    CHECK(EncodeIndex(decoded) == bytes);
  }
  CHECK(accepted > 0);
}

TEST(random_bytes_are_refused) {
  Random random(32);
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes(random() % 300);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    MemoryImage decoded;
    CHECK(!DecodeExactly(bytes, bytes.size(), &decoded).ok());
  }
}

}  // namespace
}  // namespace wasmsh::image
