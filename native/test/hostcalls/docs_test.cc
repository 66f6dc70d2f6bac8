// docs/host-calls.md lists exactly the calls that there are, with their types and classes. Run from
// the repository's root.

#include <map>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

struct DocumentedCall {
  std::string type;
  std::string call_class;
};

std::string Trimmed(const std::string& text) {
  size_t begin = text.find_first_not_of(" `");
  size_t end = text.find_last_not_of(" `");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

/** Rows "| `name` | `(i32 i64) -> i32` | class | ...". */
std::map<std::string, DocumentedCall> DocumentedCalls() {
  std::map<std::string, DocumentedCall> calls;
  std::ifstream file("docs/host-calls.md");
  Require(file.good(), "docs/host-calls.md");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("| `", 0) != 0) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(Trimmed(cell));
    if (cells.size() < 4) continue;
    CHECK(calls.emplace(cells[0], DocumentedCall{cells[1], cells[2]}).second);
  }
  return calls;
}

std::string TypeOf(const std::string& signature) {
  std::string type = "(";
  size_t at = 1;
  for (; signature[at] != ')'; ++at) {
    if (at > 1) type += ' ';
    type += signature[at] == 'I' ? "i64" : "i32";
  }
  type += ')';
  return signature.size() > at + 1 ? type + " -> i32" : type;
}

std::string NameOf(CallClass call_class) {
  switch (call_class) {
    case CallClass::kNeverInterrupted:
      return "never interrupted";
    case CallClass::kWaitsThenActs:
      return "waits, then acts";
    case CallClass::kContinues:
      return "continues";
    case CallClass::kMustFinishFirst:
      return "must finish first";
  }
  return "";
}

TEST(the_table_is_that_of_the_code) {
  std::map<std::string, DocumentedCall> documented = DocumentedCalls();
  size_t count = 0;
  for (const CallSpec& spec : HostCalls()) {
    if (std::string(spec.module) != kPreview1) continue;
    ++count;
    auto found = documented.find(spec.name);
    if (found == documented.end()) {
      throw std::runtime_error(std::string(spec.name) + " is not documented");
    }
    CHECK_EQ(spec.name + found->second.type, spec.name + TypeOf(spec.signature));
    CHECK_EQ(spec.name + found->second.call_class, spec.name + NameOf(spec.call_class));
  }
  CHECK_EQ(documented.size(), count);
}

TEST(every_call_of_preview_1_is_there) {
  CHECK_EQ(HostCalls().size(), 46u + 45u);  // the old module has no sock_accept
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
