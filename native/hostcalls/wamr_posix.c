/*
 * WAMR's posix.c, unpatched, with three names redirected by the preprocessor, and accessors to its
 * private descriptor table and path resolution.
 */
#include "hostcalls/wamr_posix.h"

#include <errno.h>
#include <fcntl.h>

/* All of posix.c's own includes, so that their guards keep them away from the macros below. */
#include "bh_platform.h"
#include "libc_errno.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/blocking_op.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/locking.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/posix.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/random.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/refcount.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/rights.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/ssp_config.h"
#include "libraries/libc-wasi/sandboxed-system-primitives/src/str.h"
#include "wasm_runtime.h"
#include "wasm_runtime_common.h"
#include "wasmtime_ssp.h"

/* The directories on the way to a path. O_PATH: like any process, the guest needs search permission
 * on them, not read permission. O_CLOEXEC: the host program may start others at any moment. Errors
 * are those that path_get tells symbolic links by. */
static __wasi_errno_t wasmsh_open_directory(os_file_handle directory, const char* name,
                                            __wasi_oflags_t oflags, os_file_handle* out) {
  if (oflags != __WASI_O_DIRECTORY) return __WASI_ENOSYS; /* path_open is ours */
  *out = openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return *out < 0 ? convert_errno(errno) : __WASI_ESUCCESS;
}

enum { wasmsh_counted_before = __COUNTER__ };

/* Stock picks a random free slot; a guest sees the lowest one, as POSIX says. Its only caller has
 * made sure that there is one. */
#define random_uniform(size, out)                         \
  ((void)__COUNTER__, ({                                  \
     *(out) = 0;                                          \
     while (ft->entries[*(out)].object != NULL) ++*(out); \
     (__wasi_errno_t) __WASI_ESUCCESS;                    \
   }))

/* Stock also compares link targets with the process's own working directory, which depends on where
 * the host program was started and guards nothing: links are resolved inside the sandbox when they
 * are used. "Does not exist" ends that comparison. */
#define os_realpath(path, resolved) ((void)__COUNTER__, (void)(path), (void)(resolved), (char*)NULL)

#define blocking_op_openat(exec_env, directory, name, oflags, fdflags, lookup, mode, out) \
  ((void)__COUNTER__, (void)(exec_env), (void)(fdflags), (void)(lookup), (void)(mode),    \
   wasmsh_open_directory((directory), (name), (oflags), (out)))

#include "libraries/libc-wasi/sandboxed-system-primitives/src/posix.c"

/* One use of random_uniform, two each of os_realpath and blocking_op_openat. */
_Static_assert(__COUNTER__ - wasmsh_counted_before - 1 == 5,
               "WAMR's posix.c no longer uses random_uniform once and os_realpath and "
               "blocking_op_openat twice: adapt native/hostcalls/wamr_posix.c");

#undef random_uniform
#undef os_realpath
#undef blocking_op_openat

bool wasmsh_memory(struct WASMExecEnv* exec_env, uint8_t** base, uint64_t* bytes) {
  /* Interpreted and compiled instances share this part of their layout. */
  WASMModuleInstance* instance = (WASMModuleInstance*)exec_env->module_inst;
  if (instance->memory_count == 0) return false;
  WASMMemoryInstance* memory = instance->memories[0];
  *base = memory->memory_data;
  /* Another thread may grow a shared memory meanwhile; it never moves or shrinks. */
  *bytes = __atomic_load_n(&memory->memory_data_size, __ATOMIC_ACQUIRE);
  return true;
}

bool wasmsh_tables(struct WASMModuleInstanceCommon* instance, struct fd_table** table,
                   struct fd_prestats** prestats) {
  WASIContext* context = wasm_runtime_get_wasi_ctx(instance);
  if (context == NULL) return false;
  *table = context->curfds;
  *prestats = context->prestats;
  return true;
}

uint16_t wasmsh_errno(int host_errno) { return convert_errno(host_errno); }

uint16_t wasmsh_fd_acquire(struct fd_table* table, uint32_t fd, uint64_t rights_base,
                           WasmshFd* out) {
  struct fd_entry* entry;
  rwlock_rdlock(&table->lock);
  __wasi_errno_t error = fd_table_get_entry(table, fd, rights_base, 0, &entry);
  if (error == 0) {
    refcount_acquire(&entry->object->refcount);
    out->object = entry->object;
    out->host_fd = entry->object->file_handle;
    out->type = entry->object->type;
    out->rights_base = entry->rights_base;
    out->rights_inheriting = entry->rights_inheriting;
  }
  rwlock_unlock(&table->lock);
  return error;
}

uint16_t wasmsh_fd_release(struct fd_object* object) { return fd_object_release(NULL, object); }

uint16_t wasmsh_fd_insert(struct fd_table* table, uint32_t fd, int host_fd, uint8_t type,
                          uint64_t rights_base, uint64_t rights_inheriting, uint32_t* out) {
  struct fd_object* object;
  __wasi_errno_t error = fd_object_new(type, false, &object);
  if (error != 0) return error;
  object->file_handle = host_fd;
  if (type == __WASI_FILETYPE_DIRECTORY) {
    if (!mutex_init(&object->directory.lock)) {
      wasm_runtime_free(object);
      return __WASI_ENOMEM;
    }
    object->directory.handle = os_get_invalid_dir_stream();
  }
  rwlock_wrlock(&table->lock);
  if (!fd_table_grow(table, fd == WASMSH_FD_LOWEST ? 0 : fd, 1)) {
    error = __WASI_ENOMEM;
  } else if (fd == WASMSH_FD_LOWEST) {
    __wasi_fd_t lowest;
    error = fd_table_unused(table, &lowest);
    fd = (uint32_t)lowest;
  } else if (table->entries[fd].object != NULL) {
    error = __WASI_EBADF;
  }
  if (error == 0) fd_table_attach(table, (__wasi_fd_t)fd, object, rights_base, rights_inheriting);
  rwlock_unlock(&table->lock);
  if (error != 0) {
    if (type == __WASI_FILETYPE_DIRECTORY) mutex_destroy(&object->directory.lock);
    wasm_runtime_free(object);
    return error;
  }
  *out = fd;
  return 0;
}

uint16_t wasmsh_fd_detach(struct fd_table* table, uint32_t fd, struct fd_object** out) {
  struct fd_entry* entry;
  rwlock_wrlock(&table->lock);
  __wasi_errno_t error = fd_table_get_entry(table, fd, 0, 0, &entry);
  if (error == 0) fd_table_detach(table, fd, out);
  rwlock_unlock(&table->lock);
  return error;
}

uint16_t wasmsh_fd_move(struct fd_table* table, uint32_t from, uint32_t to,
                        struct fd_object** replaced) {
  struct fd_entry *source, *target;
  rwlock_wrlock(&table->lock);
  __wasi_errno_t error = fd_table_get_entry(table, from, 0, 0, &source);
  if (error == 0) error = fd_table_get_entry(table, to, 0, 0, &target);
  if (error == 0) {
    struct fd_object* moved;
    uint64_t rights_base = source->rights_base, rights_inheriting = source->rights_inheriting;
    fd_table_detach(table, to, replaced);
    fd_table_detach(table, from, &moved);
    fd_table_attach(table, to, moved, rights_base, rights_inheriting);
  }
  rwlock_unlock(&table->lock);
  return error;
}

uint16_t wasmsh_fd_restrict(struct fd_table* table, uint32_t fd, uint64_t rights_base,
                            uint64_t rights_inheriting) {
  return wasmtime_ssp_fd_fdstat_set_rights(NULL, table, (__wasi_fd_t)fd, rights_base,
                                           rights_inheriting);
}

uint16_t wasmsh_type_and_rights(int host_fd, uint8_t* type, uint64_t* rights_base,
                                uint64_t* rights_inheriting) {
  __wasi_filetype_t found = __WASI_FILETYPE_UNKNOWN;
  __wasi_errno_t error = fd_determine_type_rights(host_fd, &found, rights_base, rights_inheriting);
  *type = found;
  return error;
}

static void wasmsh_path_take(const struct path_access* access, WasmshPath* out) {
  out->directory_fd = access->fd;
  out->name = access->path;
  out->name_storage = access->path_start;
  out->object = access->fd_object;
}

uint16_t wasmsh_path_get(struct fd_table* table, uint32_t fd, uint32_t lookup_flags,
                         const char* path, size_t length, uint64_t rights_base,
                         uint64_t rights_inheriting, bool needs_final_component, WasmshPath* out) {
  struct path_access access;
  __wasi_errno_t error = path_get(NULL, table, &access, fd, lookup_flags, path, length, rights_base,
                                  rights_inheriting, needs_final_component);
  if (error == 0) wasmsh_path_take(&access, out);
  return error;
}

void wasmsh_path_put(WasmshPath* path) {
  struct path_access access = {.fd = path->directory_fd,
                               .path = path->name,
                               .path_start = path->name_storage,
                               .fd_object = path->object};
  path_put(&access);
}

uint16_t wasmsh_path_get_below(int directory_fd, const char* path, size_t length, WasmshPath* out) {
  struct fd_table table;
  if (!fd_table_init(&table)) return __WASI_ENOMEM;
  /* Standard streams are not closed with their object: just what a borrowed descriptor needs. */
  __wasi_errno_t error =
      fd_table_insert_existing(&table, 0, directory_fd, true) ? __WASI_ESUCCESS : __WASI_EBADF;
  if (error == 0) {
    error =
        wasmsh_path_get(&table, 0, __WASI_LOOKUP_SYMLINK_FOLLOW, path, length, 0, 0, false, out);
  }
  fd_table_destroy(&table);
  return error;
}
