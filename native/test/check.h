#ifndef WASMSH_TEST_CHECK_H_
#define WASMSH_TEST_CHECK_H_

// The whole test framework: one program a file, TEST(name) { CHECK(...); CHECK_EQ(a, b); }, main
// included. A failed check ends its test and the program goes on with the next. Exit code 0 when
// all passed, 1 when one failed, 77 when all were skipped by SKIP("why").

#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "status.h"

namespace wasmsh::test {

struct CheckFailed {
  std::string message;
};

struct Skipped {
  std::string reason;
};

struct Case {
  const char* name;
  void (*body)();
};

inline std::vector<Case>& Cases() {
  static auto* const cases = new std::vector<Case>();
  return *cases;
}

inline bool Register(const char* name, void (*body)()) {
  Cases().push_back({name, body});
  return true;
}

template <typename T>
std::string Show(const T& value) {
  std::ostringstream text;
  if constexpr (std::is_same_v<T, uint8_t> || std::is_same_v<T, int8_t>) {
    text << static_cast<int>(value);
  } else if constexpr (std::is_enum_v<T>) {
    text << static_cast<long long>(value);
  } else {
    text << value;
  }
  return text.str();
}

[[noreturn]] inline void Fail(const char* file, int line, const std::string& message) {
  throw CheckFailed{std::string(file) + ":" + std::to_string(line) + ": " + message};
}

template <typename A, typename B>
void CheckEqual(const char* file, int line, const char* expression, const A& a, const B& b) {
  if (a == b) return;
  Fail(file, line, std::string(expression) + ": " + Show(a) + " is not " + Show(b));
}

inline void CheckOk(const char* file, int line, const char* expression, const Status& status) {
  if (status.ok()) return;
  Fail(file, line, std::string(expression) + ": " + status.code + ": " + status.message);
}

/** Runs tests whose name contains `filter` (all without one). */
inline int RunAll(const char* filter) {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  for (const Case& test : Cases()) {
    if (filter != nullptr && std::string(test.name).find(filter) == std::string::npos) continue;
    std::string problem;
    try {
      test.body();
      ++passed;
      continue;
    } catch (const Skipped& skip) {
      std::printf("skipped %s: %s\n", test.name, skip.reason.c_str());
      ++skipped;
      continue;
    } catch (const CheckFailed& failure) {
      problem = failure.message;
    } catch (const std::exception& exception) {
      problem = std::string("threw ") + exception.what();
    }
    ++failed;
    std::printf("FAILED %s\n  %s\n", test.name, problem.c_str());
  }
  std::printf("%d passed, %d failed", passed, failed);
  if (skipped > 0) std::printf(", %d skipped", skipped);
  std::printf("\n");
  if (failed > 0 || passed + skipped == 0) return 1;
  return passed == 0 ? 77 : 0;
}

}  // namespace wasmsh::test

#define TEST(name)                                                                            \
  static void name();                                                                         \
  [[maybe_unused]] static const bool name##_registered = wasmsh::test::Register(#name, name); \
  static void name()

#define CHECK(condition) \
  ((condition) ? (void)0 : wasmsh::test::Fail(__FILE__, __LINE__, "not true: " #condition))
#define CHECK_EQ(a, b) wasmsh::test::CheckEqual(__FILE__, __LINE__, #a " == " #b, (a), (b))
#define CHECK_OK(status) wasmsh::test::CheckOk(__FILE__, __LINE__, #status, (status))
#define SKIP(why) \
  throw wasmsh::test::Skipped { why }

int main(int argc, char** argv) { return wasmsh::test::RunAll(argc > 1 ? argv[1] : nullptr); }

#endif  // WASMSH_TEST_CHECK_H_
