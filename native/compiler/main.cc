// wasmsh-compiler: compiles one module ahead of time. src/core/aot/ starts it, and keeps the
// results. Exit status: 0 done, 1 the module cannot be compiled, 2 wrong arguments, 3 a file cannot
// be read or written. Errors are one sentence on standard error.
#include <fcntl.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "compiler/code_places.h"
#include "compiler/cold_paths.h"
#include "compiler/compilation.h"
#include "compiler/explicit_traps.h"
#include "compiler/hot_loops.h"
#include "compiler/instruction_places.h"
#include "compiler/loop_polls.h"
#include "compiler/memory_tags.h"
#include "compiler/options.h"
#include "compiler/pipeline.h"
#include "compiler/poll_loads.h"
#include "compiler/spill_table.h"
#include "compiler/stack_probes.h"
#include "compiler/stand_ins.h"
#include "compiler/trap_table.h"
#include "compiler/write_file.h"

extern "C" {
#include "wasm_export.h"
}

namespace wasmsh::compiler {
namespace {

/** Tells whoever started this how far it is: {"phase":"optimize"}. */
class Progress {
 public:
  /** WAMR prints to standard output; ours goes where that was, and WAMR's nowhere. */
  explicit Progress(bool wanted) {
    if (wanted) descriptor_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
  }
  ~Progress() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Begin(const char* phase) {
    if (descriptor_ >= 0) dprintf(descriptor_, "{\"phase\":\"%s\"}\n", phase);
  }
  void Counts(const PollLoads& loads, uint32_t state_calls, const SpillTable& spills,
              const LoopPolls& loops, const Recursion& recursion) {
    if (descriptor_ < 0) return;
    dprintf(descriptor_,
            "{\"polls\":%u,\"checks\":%u,\"stateCalls\":%u,\"inTable\":%zu,\"dropped\":%u,"
            "\"chunked\":%u,\"versioned\":%u,\"thinned\":%u,\"inlined\":%u}\n",
            loads.polls, loads.checks, state_calls, spills.size(), loops.dropped, loops.chunked,
            loops.versioned, loops.thinned, recursion.inlined);
  }

 private:
  int descriptor_ = -1;
};

Status ReadModule(const std::string& path, std::vector<uint8_t>* bytes) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (file) bytes->assign(std::istreambuf_iterator<char>(file), {});
  if (file && !file.bad()) return Status::Ok();
  return Status::Error("MODULE_FILE", path + " cannot be read: " + std::strerror(errno), errno);
}

Status Verify(const llvm::Module& module) {
  std::string found;
  llvm::raw_string_ostream out(found);
  if (!llvm::verifyModule(module, &out)) return Status::Ok();
  return Status::Error("COMPILE_FAILED", "the intermediate representation is broken: " + found);
}

/** What tells, later, where in the module a trap is. */
class Traps {
 public:
  Status Begin(const Options& options, const Compilation& compilation) {
    if (options.places.empty()) return Status::Ok();
    if (Status status = CodePlaces::Read(options.places, &places_); !status.ok()) return status;
    if (places_.function_count() != compilation.function_count()) {
      return Status::Error("COMPILE_PLACES", options.places + " belongs to another module");
    }
    instructions_.emplace(&places_);
    table_.emplace();
    return Status::Ok();
  }
  void Generated(const Compilation& compilation) const {
    PassPlacesOfTraps(compilation);
    if (table_) KeepPlaces(compilation);
  }
  Status Write(const std::string& path) const {
    return table_ ? table_->Write(path) : Status::Ok();
  }

 private:
  CodePlaces places_;
  std::optional<InstructionPlaces> instructions_;
  std::optional<TrapTable> table_;
};

Status Compile(const Options& options, Progress* progress) {
  std::vector<uint8_t> bytes;
  if (Status status = ReadModule(options.input, &bytes); !status.ok()) return status;
  HotLoops hot_loops;
  if (!options.hot_loops.empty()) {
    if (Status status = HotLoops::Read(options.hot_loops, &hot_loops); !status.ok()) return status;
  }
  progress->Begin("load");
  Compilation compilation;
  if (Status status = compilation.Load(&bytes); !status.ok()) return status;
  Traps traps;
  if (Status status = traps.Begin(options, compilation); !status.ok()) return status;
  progress->Begin("generate");
  if (Status status = compilation.Generate(options); !status.ok()) return status;
  if (options.stand_ins > 0) ReplaceStandIns(compilation, options.stand_ins);
  traps.Generated(compilation);
  SpillTable spills;
  AddStackProbes(&compilation);
  if (options.stock) {
    progress->Begin("optimize");
    compilation.OptimizeAsWamr();
  } else {
    PollLoads loads;
    if (Status status = RedirectPolls(compilation, &loads); !status.ok()) return status;
    hot_loops.Mark(compilation);
    TagMemory(compilation);
    // Twins that are made on demand are few, and may run for long.
    const bool spares_twins = options.stand_ins == 0;
    const uint32_t state_calls = CoolStateCalls(compilation, spares_twins);
    if (options.spill_table) spills.ReplaceCalls(compilation);
    if (Status status = Verify(compilation.ir()); !status.ok()) return status;
    progress->Begin("optimize");
    LoopPolls loops(options);
    Recursion recursion(options);
    Optimize(&compilation, options, &loops, &recursion);
    progress->Counts(loads, state_calls, spills, loops, recursion);
  }
  if (!options.ir.empty()) {
    std::string text;
    llvm::raw_string_ostream(text) << compilation.ir();
    if (Status status = WriteFile(options.ir, text); !status.ok()) return status;
  }
  progress->Begin("emit");
  std::string code;
  if (Status status = compilation.Emit(&code); !status.ok()) return status;
  spills.AppendTo(&code);
  if (Status status = WriteFile(options.output, code); !status.ok()) return status;
  return traps.Write(options.traps);
}

/** As src/core/compile/compile-child.ts reads it. */
int ExitStatus(const Status& status) {
  if (status.ok()) return 0;
  if (status.code == "COMMAND_USAGE") return 2;
  if (status.code == "MODULE_FILE" || status.code == "COMPILE_PLACES") return 3;
  if (status.code != "COMPILE_WRITE") return 1;
  return status.system_errno == ENOSPC || status.system_errno == EDQUOT ? 5 : 4;
}

int Main(int count, char** arguments) {
  Options options;
  Status status = ParseOptions(count, arguments, &options);
  if (status.ok()) {
    Progress progress(options.progress);
    RuntimeInitArgs init = {};
    init.mem_alloc_type = Alloc_With_System_Allocator;
    status = wasm_runtime_full_init(&init) ? Compile(options, &progress)
                                           : Status::Error("COMPILE_FAILED", "WAMR does not start");
  }
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.message.c_str());
  if (status.code == "COMMAND_USAGE") std::fputs(Usage(), stderr);
  return ExitStatus(status);
}

}  // namespace
}  // namespace wasmsh::compiler

int main(int count, char** arguments) { return wasmsh::compiler::Main(count, arguments); }
