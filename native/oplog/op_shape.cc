#include "oplog/op_shape.h"

#include <sstream>

#include "oplog/op_data_parts.h"

namespace wasmsh::oplog {
namespace {

/**
 * A call and its fields, "name:type" each, in the order of the specification (WASI preview 1,
 * phases/snapshot/docs.md); "_" is an argument that is left out, and behind "->" stand results.
 */
struct Spec {
  const char* name;
  const char* fields;
  bool changes_identity = false;
};

constexpr bool kIdentity = true;

constexpr Spec kSpecs[] = {
    {"args_get", "_ _"},
    {"args_sizes_get", "-> argc:size bytes:size"},
    {"clock_res_get", "id:clockid -> resolution:timestamp"},
    {"clock_time_get", "id:clockid precision:timestamp -> time:timestamp"},
    {"environ_get", "_ _"},
    {"environ_sizes_get", "-> count:size bytes:size"},
    {"fd_advise", "fd:fd offset:filesize len:filesize advice:advice"},
    {"fd_allocate", "fd:fd offset:filesize len:filesize"},
    {"fd_close", "fd:fd", kIdentity},
    {"fd_datasync", "fd:fd"},
    {"fd_fdstat_get", "fd:fd _"},
    {"fd_fdstat_set_flags", "fd:fd flags:fdflags", kIdentity},
    {"fd_fdstat_set_rights", "fd:fd rights_base:rights rights_inheriting:rights", kIdentity},
    {"fd_filestat_get", "fd:fd _"},
    {"fd_filestat_set_size", "fd:fd size:filesize"},
    {"fd_filestat_set_times", "fd:fd atim:timestamp mtim:timestamp fst_flags:fstflags"},
    {"fd_pread", "fd:fd iovs:iovec_array offset:filesize -> nread:size"},
    {"fd_prestat_dir_name", "fd:fd path_len:buffer"},
    {"fd_prestat_get", "fd:fd _"},
    {"fd_pwrite", "fd:fd iovs:iovec_array offset:filesize -> nwritten:size"},
    {"fd_read", "fd:fd iovs:iovec_array -> nread:size"},
    {"fd_readdir", "fd:fd buf_len:buffer cookie:dircookie -> bufused:size"},
    {"fd_renumber", "fd:fd to:fd", kIdentity},
    {"fd_seek", "fd:fd offset:filedelta whence:whence -> newoffset:filesize"},
    {"fd_sync", "fd:fd"},
    {"fd_tell", "fd:fd -> offset:filesize"},
    {"fd_write", "fd:fd iovs:iovec_array -> nwritten:size"},
    {"path_create_directory", "fd:fd path:path", kIdentity},
    {"path_filestat_get", "fd:fd flags:lookupflags path:path _"},
    {"path_filestat_set_times",
     "fd:fd flags:lookupflags path:path atim:timestamp mtim:timestamp fst_flags:fstflags"},
    {"path_link", "old_fd:fd old_flags:lookupflags old_path:path new_fd:fd new_path:path",
     kIdentity},
    {"path_open",
     "fd:fd dirflags:lookupflags path:path oflags:oflags rights_base:rights "
     "rights_inheriting:rights fdflags:fdflags -> opened_fd:fd",
     kIdentity},
    {"path_readlink", "fd:fd path:path buf_len:buffer -> bufused:size"},
    {"path_remove_directory", "fd:fd path:path", kIdentity},
    {"path_rename", "fd:fd old_path:path new_fd:fd new_path:path", kIdentity},
    {"path_symlink", "old_path:path fd:fd new_path:path", kIdentity},
    {"path_unlink_file", "fd:fd path:path", kIdentity},
    {"poll_oneoff", "_ _ nsubscriptions:size -> nevents:size"},
    {"proc_exit", "rval:exitcode"},
    {"proc_raise", "sig:signal"},
    {"random_get", "buf_len:buffer"},
    {"sched_yield", ""},
    {"sock_accept", "fd:fd flags:fdflags -> accepted_fd:fd", kIdentity},
    {"sock_recv", "fd:fd ri_data:iovec_array ri_flags:riflags -> ro_datalen:size ro_flags:roflags"},
    {"sock_send", "fd:fd si_data:iovec_array si_flags:siflags -> so_datalen:size"},
    {"sock_shutdown", "fd:fd how:sdflags", kIdentity},
};

uint8_t ResultBytes(const std::string& type) {
  if (type == "filesize" || type == "timestamp") return 8;
  return type == "roflags" ? 2 : 4;
}

OpShape Parse(const Spec& spec) {
  OpShape shape;
  shape.name = spec.name;
  shape.changes_identity = spec.changes_identity;
  std::istringstream words(spec.fields);
  bool are_results = false;
  for (std::string word; words >> word;) {
    if (word == "->") {
      are_results = true;
      continue;
    }
    const uint8_t argument = shape.arguments++;
    if (word == "_") continue;
    const size_t colon = word.find(':');
    Field field{word.substr(0, colon), word.substr(colon + 1), FieldKind::kNumber, argument, 0};
    if (are_results) {
      field.kind = FieldKind::kResult;
      shape.has_results = true;
      field.bytes = ResultBytes(field.type);
    } else if (field.type == "path") {
      field.kind = FieldKind::kPath;
      shape.has_paths = true;
    } else if (field.type == "whence") {
      field.kind = FieldKind::kWhence;
    } else if (field.type == "buffer" || field.type == "iovec_array") {
      field.kind = FieldKind::kLength;
    }
    const bool has_length = field.kind == FieldKind::kPath || field.kind == FieldKind::kLength;
    if (has_length) shape.arguments++;
    shape.Add(std::move(field));
  }
  shape.data = DataPartsOf(shape.name);
  return shape;
}

}  // namespace

const std::vector<OpShape>& OpShapes() {
  static const auto* const shapes = [] {
    auto* made = new std::vector<OpShape>();
    for (const Spec& spec : kSpecs) made->push_back(Parse(spec));
    return made;
  }();
  return *shapes;
}

int FindOpShape(const std::string& name) {
  const std::vector<OpShape>& shapes = OpShapes();
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i].name == name) return int(i);
  }
  return -1;
}

}  // namespace wasmsh::oplog
