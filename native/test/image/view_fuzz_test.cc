// Whatever stands in state.bin, with a right checksum as well: it is refused, or it decodes to a
// view that Validate judges without a crash and that encodes to the same bytes again.

#include "image/crc32c.h"
#include "image/view.h"
#include "image/view_format.h"
#include "test/fuzz.h"
#include "test/image/sample_views.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT

namespace {

void Seal(Bytes* bytes) {
  if (bytes->size() < view::kChecksumBytes) return;
  const size_t contents = bytes->size() - view::kChecksumBytes;
  const uint32_t crc = view::Crc32c(bytes->data(), contents);
  for (size_t i = 0; i < view::kChecksumBytes; ++i) {
    (*bytes)[contents + i] = static_cast<uint8_t>(crc >> (8 * i));
  }
}

}  // namespace

TEST(ChangedFiles) {
  wasm::ModuleAnalysis analysis(Parsed(SampleModule()));
  std::vector<Bytes> corpus;
  for (const view::View& view : SampleViews()) corpus.push_back(view::Encode(view));
  uint64_t decoded = 0;
  uint64_t valid = 0;
  FuzzRounds([&](uint64_t seed) {
    Random random(seed);
    Bytes bytes = corpus[random.Below(corpus.size())];
    Mutate(&bytes, random.Below(3) == 0 ? 0 : view::kHeaderBytes, &random);
    Seal(&bytes);
    view::View view;
    if (!view::Decode(bytes.data(), bytes.size(), &view).ok()) return;
    ++decoded;
    CHECK(view::Encode(view) == bytes);
    if (view::Validate(view, &analysis).ok()) ++valid;
  });
  CHECK(decoded > 0 && valid > 0 && valid < decoded);
}
