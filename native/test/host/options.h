#ifndef WASMSH_TEST_HOST_OPTIONS_H_
#define WASMSH_TEST_HOST_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "status.h"

namespace wasmsh::test_host {

struct RecoverFrom {
  std::string directory;
  std::optional<uint64_t> steps;  // a pause behind so many instructions
};

/** What the test host is asked to do: start a module once, or recover it from each of a number of
 *  snapshots, one after the other. */
struct Options {
  std::string module;
  std::string sha256;  // of the module's file: names it in snapshots
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<std::pair<std::string, std::string>> directories;  // on the host, in the guest
  std::string input;                                             // stdin; empty for none
  std::string output;                // of guest N: OUTPUT/N.stdout and OUTPUT/N.stderr
  std::vector<std::string> entries;  // one guest after the other; without any, _start
  bool deterministic = false;
  uint32_t stack_bytes = 1024 * 1024;
  std::vector<RecoverFrom> recover;
  std::string compiled;            // directory of code.aot, points.bin and build.json
  bool asks_twins = false;         // which it has not
  std::vector<uint64_t> pause_at;  // positions, ascending
  uint64_t pauses = 0;             // further ones, by time
  uint64_t pause_after_us = 0;     // on average, each time that it goes on
  std::string snapshots;           // each pause N is stored in SNAPSHOTS/N, from 0
  bool stop_there = false;         // ends behind the last snapshot
};

/** Codes: COMMAND_USAGE. */
Status ParseOptions(int count, char** arguments, Options* options);

const char* Usage();

}  // namespace wasmsh::test_host

#endif  // WASMSH_TEST_HOST_OPTIONS_H_
