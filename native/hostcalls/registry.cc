#include <wasm_export.h>

#include <cstring>
#include <map>

#include "hostcalls/handlers.h"

// WAMR's own table of WASI calls, which ours replaces (libc_wasi_wrapper.h needs its whole world).
extern "C" uint32_t get_libc_wasi_export_apis(NativeSymbol** symbols);

namespace wasmsh::hostcalls {
namespace {

constexpr const char* kPreview1 = "wasi_snapshot_preview1";
constexpr const char* kUnstable = "wasi_unstable";

struct Row {
  const char* name;
  const char* signature;
  CallClass call_class;
  Handler handler;
  bool in_unstable = true;
};

constexpr CallClass kNever = CallClass::kNeverInterrupted;
constexpr CallClass kWaits = CallClass::kWaitsThenActs;
constexpr CallClass kContinues = CallClass::kContinues;
constexpr CallClass kFinishes = CallClass::kMustFinishFirst;

constexpr Row kRows[] = {
    {"args_get", "(ii)i", kNever, ArgsGet},
    {"args_sizes_get", "(ii)i", kNever, ArgsSizesGet},
    {"clock_res_get", "(ii)i", kNever, ClockResGet},
    {"clock_time_get", "(iIi)i", kNever, ClockTimeGet},
    {"environ_get", "(ii)i", kNever, EnvironGet},
    {"environ_sizes_get", "(ii)i", kNever, EnvironSizesGet},
    {"fd_advise", "(iIIi)i", kNever, FdAdvise},
    {"fd_allocate", "(iII)i", kWaits, FdAllocate},
    {"fd_close", "(i)i", kFinishes, FdClose},
    {"fd_datasync", "(i)i", kFinishes, FdDatasync},
    {"fd_fdstat_get", "(ii)i", kNever, FdFdstatGet},
    {"fd_fdstat_set_flags", "(ii)i", kNever, FdFdstatSetFlags},
    {"fd_fdstat_set_rights", "(iII)i", kNever, FdFdstatSetRights},
    {"fd_filestat_get", "(ii)i", kNever, FdFilestatGet},
    {"fd_filestat_set_size", "(iI)i", kFinishes, FdFilestatSetSize},
    {"fd_filestat_set_times", "(iIIi)i", kNever, FdFilestatSetTimes},
    {"fd_pread", "(iiiIi)i", kContinues, FdPread},
    {"fd_prestat_dir_name", "(iii)i", kNever, FdPrestatDirName},
    {"fd_prestat_get", "(ii)i", kNever, FdPrestatGet},
    {"fd_pwrite", "(iiiIi)i", kContinues, FdPwrite},
    {"fd_read", "(iiii)i", kContinues, FdRead},
    {"fd_readdir", "(iiiIi)i", kFinishes, FdReaddir},
    {"fd_renumber", "(ii)i", kFinishes, FdRenumber},
    {"fd_seek", "(iIii)i", kNever, FdSeek},
    {"fd_sync", "(i)i", kFinishes, FdSync},
    {"fd_tell", "(ii)i", kNever, FdTell},
    {"fd_write", "(iiii)i", kContinues, FdWrite},
    {"path_create_directory", "(iii)i", kFinishes, PathCreateDirectory},
    {"path_filestat_get", "(iiiii)i", kFinishes, PathFilestatGet},
    {"path_filestat_set_times", "(iiiiIIi)i", kFinishes, PathFilestatSetTimes},
    {"path_link", "(iiiiiii)i", kFinishes, PathLink},
    {"path_open", "(iiiiiIIii)i", kWaits, PathOpen},
    {"path_readlink", "(iiiiii)i", kFinishes, PathReadlink},
    {"path_remove_directory", "(iii)i", kFinishes, PathRemoveDirectory},
    {"path_rename", "(iiiiii)i", kFinishes, PathRename},
    {"path_symlink", "(iiiii)i", kFinishes, PathSymlink},
    {"path_unlink_file", "(iii)i", kFinishes, PathUnlinkFile},
    {"poll_oneoff", "(iiii)i", kWaits, PollOneoff},
    {"proc_exit", "(i)", kNever, ProcExit},
    {"proc_raise", "(i)i", kNever, ProcRaise},
    {"random_get", "(ii)i", kContinues, RandomGet},
    {"sched_yield", "()i", kNever, SchedYield},
    {"sock_accept", "(iii)i", kWaits, SockAccept, false},
    {"sock_recv", "(iiiiii)i", kWaits, SockRecv},
    {"sock_send", "(iiiii)i", kContinues, SockSend},
    {"sock_shutdown", "(ii)i", kNever, SockShutdown},
};

CallSpec SpecOf(const char* module, const Row& row) {
  CallSpec spec = {module, row.name, row.signature, row.call_class, row.handler};
  spec.shape = static_cast<uint32_t>(oplog::FindOpShape(row.name));
  spec.ReadSignature();
  const std::string name = row.name;
  if (name == "fd_read") spec.offset_effect = OffsetEffect::kReads;
  if (name == "fd_write") spec.offset_effect = OffsetEffect::kWrites;
  if (name == "fd_seek" || name == "fd_tell") spec.offset_effect = OffsetEffect::kTells;
  return spec;
}

void RawNative(wasm_exec_env_t exec_env, uint64_t* args) {
  const auto* spec = static_cast<const CallSpec*>(wasm_runtime_get_function_attachment(exec_env));
  Run(*spec, exec_env, args);
}

/** Hands all specs of one module to WAMR, which keeps and sorts the list. */
bool RegisterModule(const char* module) {
  // For as long as the process lives; moving an inner list leaves its symbols where they are.
  static auto* const lists = new std::vector<std::vector<NativeSymbol>>();
  std::vector<NativeSymbol>* symbols = &lists->emplace_back();
  for (const CallSpec& spec : HostCalls()) {
    if (strcmp(spec.module, module) != 0) continue;
    symbols->push_back({spec.name, reinterpret_cast<void*>(&RawNative), spec.signature,
                        const_cast<CallSpec*>(&spec)});
  }
  return wasm_runtime_register_natives_raw(module, symbols->data(),
                                           static_cast<uint32_t>(symbols->size()));
}

}  // namespace

bool IsUnstable(const Call& call) { return call.spec.module == kUnstable; }

const std::vector<CallSpec>& HostCalls() {
  static const auto* const specs = [] {
    auto* made = new std::vector<CallSpec>();
    for (const char* module : {kPreview1, kUnstable}) {
      for (const Row& row : kRows) {
        if (module == kUnstable && !row.in_unstable) continue;
        made->push_back(SpecOf(module, row));
      }
    }
    return made;
  }();
  return *specs;
}

const CallSpec* FindHostCall(const std::string& module, const std::string& name) {
  for (const CallSpec& spec : HostCalls()) {
    if (module == spec.module && name == spec.name) return &spec;
  }
  return nullptr;
}

Status RegisterHostCalls() {
  // Nothing of WAMR's own may be reached past the boundary: socket calls beyond preview 1, say.
  ForgetImports();
  NativeSymbol* stock = nullptr;
  get_libc_wasi_export_apis(&stock);
  for (const char* module : {kPreview1, kUnstable}) {
    wasm_runtime_unregister_natives(module, stock);
    if (!RegisterModule(module)) {
      return Status::Error("INTERNAL", "WAMR cannot register the host calls");
    }
  }
  return Status::Ok();
}

}  // namespace wasmsh::hostcalls
