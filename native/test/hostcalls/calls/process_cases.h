#ifndef WASMSH_TEST_HOSTCALLS_CALLS_PROCESS_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_PROCESS_CASES_H_

#include "hostcalls/calls/call_case.h"

namespace wasmsh::hostcalls::test {

/** Arguments, environment, clocks, random numbers, and the end. */
inline std::vector<CallCase> ProcessCases() {
  std::vector<CallCase> cases;
  for (const std::string group : {"args", "environ"}) {
    const std::string sizes = group + "_sizes_get";
    const std::string get = group + "_get";
    const bool is_args = group == "args";
    cases.push_back({sizes, "success", [=](World& w) { return w->Call(sizes, 0, 4); }, nullptr,
                     [=](World& w) {
                       CHECK_EQ(w->U32(0), is_args ? 2u : 1u);
                       CHECK_EQ(w->U32(4), is_args ? 15u : 10u);
                     }});
    cases.push_back({sizes, "fault", [=](World& w) { return w->Call(sizes, 0, kOutside); }});
    cases.push_back({get, "success", [=](World& w) { return w->Call(get, 0, 100); }, nullptr,
                     [=](World& w) {
                       CHECK_EQ(w->U32(0), 100u);
                       CHECK_EQ(w->Text(100, 10), is_args ? std::string("guest\0argu", 10)
                                                          : std::string("KEY=value\0", 10));
                     }});
    cases.push_back({get, "fault", [=](World& w) { return w->Call(get, 0, kOutside); }});
  }
  const auto time = [](uint32_t clock, uint32_t at) {
    return [=](World& w) { return w->Call("clock_time_get", clock, uint64_t{1}, at); };
  };
  cases.push_back({"clock_time_get", "success", time(1, 8),
                   [](World& w) { w->Call("clock_time_get", 1, uint64_t{1}, 0); },
                   [](World& w) { CHECK(w->U64(8) > w->U64(0)); }});
  cases.push_back({"clock_time_get", "inval", time(4, 8)});
  cases.push_back({"clock_time_get", "fault", time(1, kOutside)});
  const auto resolution = [](uint32_t clock, uint32_t at) {
    return [=](World& w) { return w->Call("clock_res_get", clock, at); };
  };
  cases.push_back({"clock_res_get", "success", resolution(1, 0), nullptr,
                   [](World& w) { CHECK(w->U64(0) > 0); }});
  cases.push_back({"clock_res_get", "inval", resolution(4, 0)});
  cases.push_back({"clock_res_get", "fault", resolution(1, kOutside)});
  cases.push_back({"random_get", "success", [](World& w) { return w->Call("random_get", 0, 16); },
                   nullptr, [](World& w) { CHECK(w->U64(0) != w->U64(8)); }});
  cases.push_back(
      {"random_get", "fault", [](World& w) { return w->Call("random_get", kOutside, 16); }});
  cases.push_back({"sched_yield", "success", [](World& w) { return w->Call("sched_yield"); }});
  const auto ends = [](const char* call, uint32_t number) {
    return [=](World& w) {
      w->Call(call, number);
      return 0u;
    };
  };
  const auto exited = [](uint32_t code) {
    return [=](World& w) {
      CHECK(w->control.exited);
      CHECK_EQ(w->control.exit_code, code);
    };
  };
  cases.push_back({"proc_exit", "success", ends("proc_exit", 7), nullptr, exited(7)});
  cases.push_back({"proc_raise", "success", ends("proc_raise", 6), nullptr, exited(134)});
  cases.push_back({"proc_raise", "inval", [](World& w) { return w->Call("proc_raise", 31); }});
  cases.push_back({"proc_raise", "notsup", [](World& w) { return w->Call("proc_raise", 18); }});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_PROCESS_CASES_H_
