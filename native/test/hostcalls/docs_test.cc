// docs/host-calls.md lists exactly the calls that there are, with their types and classes. Run from
// the repository's root.

#include "check.h"
#include "hostcalls/documented_calls.h"

namespace wasmsh::hostcalls::test {
namespace {

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
