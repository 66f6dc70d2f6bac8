// wasmsh_host: the engine without Node, for CPUs that only an emulator has here. Starts a module,
// or recovers it from snapshots, stores it where it is told to, and prints what came of it.

#include <algorithm>
#include <cstdio>

#include "host/host_session.h"
#include "host/options.h"

namespace {

int Fail(const wasmsh::Status& status, int exit_code) {
  std::fprintf(stderr, "%s: %s\n", status.code.c_str(), status.message.c_str());
  return exit_code;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace wasmsh::test_host;
  Options options;
  if (auto status = ParseOptions(count, arguments, &options); !status.ok()) {
    std::fputs(Usage(), stderr);
    return Fail(status, 2);
  }
  std::unique_ptr<HostSession> session;
  if (auto status = HostSession::Open(options, &session); !status.ok()) return Fail(status, 1);
  const size_t guests = std::max({options.recover.size(), options.entries.size(), size_t{1}});
  for (size_t n = 0; n < guests; n++) {
    std::string report;
    if (auto status = session->Run(n, &report); !status.ok()) return Fail(status, 1);
    std::printf("%s\n", report.c_str());
    std::fflush(stdout);
  }
  return 0;
}
