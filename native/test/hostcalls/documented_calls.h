#ifndef WASMSH_TEST_HOSTCALLS_DOCUMENTED_CALLS_H_
#define WASMSH_TEST_HOSTCALLS_DOCUMENTED_CALLS_H_

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {

/** A row of the table in docs/host-calls.md. */
struct DocumentedCall {
  std::string type;
  std::string call_class;
  std::set<std::string> errors;
};

inline std::string Trimmed(const std::string& text) {
  size_t begin = text.find_first_not_of(" `");
  size_t end = text.find_last_not_of(" `");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

/** Rows "| `name` | `(i32 i64) -> i32` | class | errors | notes |". Run from the repository's root.
 */
inline std::map<std::string, DocumentedCall> DocumentedCalls() {
  std::map<std::string, DocumentedCall> calls;
  std::ifstream file("docs/host-calls.md");
  Require(file.good(), "docs/host-calls.md");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("| `", 0) != 0) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(Trimmed(cell));
    if (cells.size() < 5) continue;
    DocumentedCall call{cells[1], cells[2], {}};
    std::istringstream errors(cells[3]);
    for (std::string error; errors >> error;) call.errors.insert(Trimmed(error));
    CHECK(calls.emplace(cells[0], call).second);
  }
  return calls;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_DOCUMENTED_CALLS_H_
