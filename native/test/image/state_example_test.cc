// docs/snapshot-format.md shows a state.bin in hexadecimal. This keeps the page and the code
// together: the bytes must be what the page says they are, and what wasmsh writes.

#include <fstream>
#include <sstream>

#include "image/view.h"
#include "test/wasm/module_builder.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT

namespace {

/** The page's example in words, as a view. */
view::View Example() {
  view::View view;
  view.memories.push_back({2});
  view::Instance instance;
  instance.globals = {{ValueType::kI32, {42, 0}, true}};
  view.instances.push_back(instance);
  view.environment.arguments = {"a"};
  view.environment.entry_export = "_start";
  view::Frame frame;
  frame.function = 1;
  frame.pc = 4;
  frame.locals = {{ValueType::kF64, {0x3ff8000000000000, 0}, true}};
  frame.operands = {{ValueType::kI32, {7, 0}, true}};
  view::Thread thread;
  thread.frames = {frame};
  view.threads.push_back(thread);
  return view;
}

/** Bytes of the block that is fenced as `state.bin`: offset, colon, bytes. */
Bytes BytesOfPage() {
  std::ifstream page("docs/snapshot-format.md");
  CHECK(page.good());
  std::string line;
  while (std::getline(page, line) && line != "```state.bin") {
  }
  Bytes bytes;
  while (std::getline(page, line) && line != "```") {
    std::istringstream digits(line.substr(line.find(':') + 1));
    std::string byte;
    while (digits >> byte) bytes.push_back(static_cast<uint8_t>(std::stoul(byte, nullptr, 16)));
  }
  return bytes;
}

std::string Hex(const Bytes& bytes) {
  std::string text;
  char part[32];
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i % 32 == 0) {
      std::snprintf(part, sizeof(part), "%s%03zx:", i == 0 ? "" : "\n", i);
      text += part;
    }
    std::snprintf(part, sizeof(part), " %02x", bytes[i]);
    text += part;
  }
  return text;
}

}  // namespace

TEST(ThePageShowsWhatIsWritten) { CHECK_EQ(Hex(BytesOfPage()), Hex(view::Encode(Example()))); }

TEST(TheBytesOfThePageAreRead) {
  const Bytes bytes = BytesOfPage();
  view::View view;
  CHECK_OK(view::Decode(bytes.data(), bytes.size(), &view));
  CHECK_EQ(view.threads[0].frames[0].locals[0].bits[0], uint64_t{0x3ff8000000000000});
  CHECK_EQ(view.environment.arguments[0], std::string("a"));
}
