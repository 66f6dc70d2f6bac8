#include "host/options.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace wasmsh::test_host {
namespace {

Status Wrong(std::string_view argument) {
  return Status::Error("COMMAND_USAGE", "wrong argument \"" + std::string(argument) + "\"");
}

/** The value of "--name=value"; false when it is another option. */
bool Take(std::string_view argument, std::string_view name, std::string_view* value) {
  if (argument.substr(0, name.size()) != name || argument.size() <= name.size()) return false;
  if (argument[name.size()] != '=') return false;
  *value = argument.substr(name.size() + 1);
  return true;
}

bool TakeNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

Status TakePositions(std::string_view argument, std::string_view list, Options* options) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    uint64_t position = 0;
    if (!TakeNumber(list.substr(0, comma), &position)) return Wrong(argument);
    options->pause_at.push_back(position);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return Status::Ok();
}

Status TakeRecover(std::string_view argument, std::string_view value, Options* options) {
  RecoverFrom from;
  const size_t comma = std::min(value.rfind(','), value.size());
  from.directory = value.substr(0, comma);
  if (comma < value.size()) {
    uint64_t steps = 0;
    if (!TakeNumber(value.substr(comma + 1), &steps)) return Wrong(argument);
    from.steps = steps;
  }
  options->recover.push_back(std::move(from));
  return Status::Ok();
}

Status TakeOption(std::string_view argument, Options* options) {
  std::string_view value;
  uint64_t number = 0;
  if (Take(argument, "--sha256", &value)) {
    if (value.size() != 64) return Wrong(argument);
    options->sha256 = value;
  } else if (Take(argument, "--env", &value)) {
    options->environment.emplace_back(value);
  } else if (Take(argument, "--dir", &value)) {
    const size_t colons = value.find("::");
    if (colons == std::string_view::npos) return Wrong(argument);
    options->directories.emplace_back(value.substr(0, colons), value.substr(colons + 2));
  } else if (Take(argument, "--stdin", &value)) {
    options->input = value;
  } else if (Take(argument, "--output", &value)) {
    options->output = value;
  } else if (Take(argument, "--invoke", &value)) {
    options->entries.emplace_back(value);
  } else if (Take(argument, "--stack", &value)) {
    if (!TakeNumber(value, &number) || number > UINT32_MAX) return Wrong(argument);
    options->stack_bytes = uint32_t(number);
  } else if (Take(argument, "--recover", &value)) {
    return TakeRecover(argument, value, options);
  } else if (Take(argument, "--compiled", &value)) {
    options->compiled = value;
  } else if (Take(argument, "--pause-at", &value)) {
    return TakePositions(argument, value, options);
  } else if (Take(argument, "--pause-after-us", &value)) {
    if (!TakeNumber(value, &options->pause_after_us)) return Wrong(argument);
  } else if (Take(argument, "--pauses", &value)) {
    if (!TakeNumber(value, &options->pauses)) return Wrong(argument);
  } else if (Take(argument, "--snapshots", &value)) {
    options->snapshots = value;
  } else if (argument == "--ask-twins") {
    options->asks_twins = true;
  } else if (argument == "--deterministic") {
    options->deterministic = true;
  } else if (argument == "--stop-there") {
    options->stop_there = true;
  } else {
    return Wrong(argument);
  }
  return Status::Ok();
}

}  // namespace

Status ParseOptions(int count, char** arguments, Options* options) {
  bool are_guests = false;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (are_guests) {
      options->arguments.emplace_back(argument);
    } else if (argument == "--") {
      are_guests = true;
    } else if (argument.substr(0, 2) == "--") {
      if (Status status = TakeOption(argument, options); !status.ok()) return status;
    } else if (options->module.empty()) {
      options->module = argument;
    } else {
      return Wrong(argument);
    }
  }
  if (options->module.empty() || options->sha256.empty()) {
    return Status::Error("COMMAND_USAGE", "a module and --sha256 are needed");
  }
  bool pauses = options->pauses > 0 || !options->pause_at.empty();
  for (const RecoverFrom& from : options->recover) pauses |= from.steps.has_value();
  if (pauses && options->snapshots.empty()) {
    return Status::Error("COMMAND_USAGE", "a pause needs --snapshots to be stored in");
  }
  return Status::Ok();
}

const char* Usage() {
  return "usage: wasmsh_host --sha256=HEX [options] MODULE [-- ARGUMENTS]\n"
         "  --recover=DIR[,STEPS] go on from a snapshot; pause behind so many instructions;\n"
         "                        several: one after the other\n"
         "  --compiled=DIR        run code.aot of this directory\n"
         "  --ask-twins           it has none: ask for those of the frames at hand, as JSON, and\n"
         "                        read a line, the directory that they are in\n"
         "  --dir=HOST::GUEST --env=K=V --stdin=FILE --invoke=EXPORT --stack=BYTES\n"
         "                        several exports: a guest for each, one after the other\n"
         "  --output=DIR          what guest N writes goes to DIR/N.stdout and DIR/N.stderr\n"
         "  --deterministic       clocks and random numbers are the same in every run\n"
         "  --pause-at=N,N...     pause before the N-th instruction\n"
         "  --pauses=N            pause so many times more, by time\n"
         "  --pause-after-us=N    each time after so long, more or less\n"
         "  --snapshots=DIR       where pause N is stored, from DIR/0 on; then it goes on\n"
         "  --stop-there          end behind the last snapshot instead\n"
         "A guest that traps is stored too, and ends. Prints a line of JSON for each guest.\n";
}

}  // namespace wasmsh::test_host
