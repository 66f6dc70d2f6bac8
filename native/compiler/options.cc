#include "compiler/options.h"

#include <charconv>
#include <cstring>
#include <string_view>

namespace wasmsh::compiler {
namespace {

/** The value of "--name=value"; nothing when it is another option. */
bool Take(std::string_view argument, std::string_view name, std::string_view* value) {
  if (argument.substr(0, name.size()) != name || argument.size() <= name.size()) return false;
  if (argument[name.size()] != '=') return false;
  *value = argument.substr(name.size() + 1);
  return true;
}

bool TakeNumber(std::string_view text, uint32_t most, uint32_t* number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && stop == end && *number <= most;
}

Status Wrong(std::string_view argument) {
  return Status::Error("COMMAND_USAGE", "wrong argument \"" + std::string(argument) + "\"");
}

Status TakeOption(std::string_view argument, Options* options) {
  std::string_view value;
  if (Take(argument, "--output", &value)) {
    options->output = value;
  } else if (Take(argument, "--target", &value)) {
    options->target = value;
  } else if (Take(argument, "--cpu", &value)) {
    options->cpu = value;
  } else if (Take(argument, "--level", &value)) {
    if (!TakeNumber(value, 3, &options->level)) return Wrong(argument);
  } else if (Take(argument, "--poll-budget", &value)) {
    if (!TakeNumber(value, UINT32_MAX, &options->poll_budget)) return Wrong(argument);
  } else if (Take(argument, "--places", &value)) {
    options->places = value;
  } else if (Take(argument, "--traps", &value)) {
    options->traps = value;
  } else if (Take(argument, "--ir", &value)) {
    options->ir = value;
  } else if (Take(argument, "--hot-loops", &value)) {
    options->hot_loops = value;
  } else if (Take(argument, "--stand-ins", &value)) {
    if (!TakeNumber(value, UINT32_MAX, &options->stand_ins)) return Wrong(argument);
  } else if (argument == "--no-drop-polls") {
    options->drop_polls = false;
  } else if (argument == "--no-version-loops") {
    options->version_loops = false;
  } else if (argument == "--no-spill-table") {
    options->spill_table = false;
  } else if (argument == "--stock") {
    options->stock = true;
  } else if (argument == "--progress") {
    options->progress = true;
  } else {
    return Wrong(argument);
  }
  return Status::Ok();
}

}  // namespace

Status ParseOptions(int count, char** arguments, Options* options) {
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument.substr(0, 2) != "--") {
      if (!options->input.empty()) return Wrong(argument);
      options->input = argument;
      continue;
    }
    if (Status status = TakeOption(argument, options); !status.ok()) return status;
  }
  if (options->input.empty() || options->output.empty()) {
    return Status::Error("COMMAND_USAGE", "a module and --output are needed");
  }
  if (options->places.empty() != options->traps.empty()) {
    return Status::Error("COMMAND_USAGE", "--places and --traps go together");
  }
  return Status::Ok();
}

const char* Usage() {
  return "usage: wasmsh-compiler --output=FILE.aot [options] MODULE.wasm\n"
         "  --target=native|x86_64|aarch64|riscv64\n"
         "  --cpu=NAME             as LLVM names it\n"
         "  --level=0..3           of optimization (3)\n"
         "  --poll-budget=N        how much a loop may run between two polls (262144)\n"
         "  --no-drop-polls        leave polls in loops that are known to be short\n"
         "  --no-version-loops     neither cut long loops into pieces nor copy them\n"
         "  --no-spill-table       spill by code on all targets\n"
         "  --hot-loops=FILE       loops to thin polls in, a line with function and point each\n"
         "  --stand-ins=N          the first N functions are those of another build\n"
         "  --stock                as WAMR's own compiler does, to measure against\n"
         "  --places=FILE          what of the module is where, as the pass has written it\n"
         "  --traps=FILE           write a table of where code may trap\n"
         "  --ir=FILE              write what has been optimized as LLVM's text\n"
         "  --progress             a line of JSON a phase on standard output\n";
}

}  // namespace wasmsh::compiler
