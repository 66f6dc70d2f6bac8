#ifndef WASMSH_HOSTCALLS_WAMR_POSIX_H_
#define WASMSH_HOSTCALLS_WAMR_POSIX_H_

/**
 * What our host calls need of WAMR's WASI implementation and it keeps private: its descriptor table
 * and its sandboxed path resolution. Functions that can fail return a WASI errno, 0 on success.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct WASMExecEnv;
struct WASMModuleInstanceCommon;
struct fd_object;
struct fd_prestats;
struct fd_table;

/** Takes the lowest free number in wasmsh_fd_insert. */
#define WASMSH_FD_LOWEST UINT32_MAX

/** An entry of the descriptor table. */
typedef struct WasmshFd {
  struct fd_object* object;
  int host_fd;
  uint8_t type; /* WASI filetype */
  uint64_t rights_base;
  uint64_t rights_inheriting;
} WasmshFd;

/** A resolved path: its last component, to be used relative to a host directory. Keeps both alive
 *  until wasmsh_path_put. */
typedef struct WasmshPath {
  int directory_fd;
  const char* name;
  char* name_storage;
  struct fd_object* object;
} WasmshPath;

/** Linear memory as it is now; false when the instance has none. */
bool wasmsh_memory(struct WASMExecEnv* exec_env, uint8_t** base, uint64_t* bytes);

/** The descriptor table of an instance, and its table of preopens, which stays empty but is locked
 * by stock calls. False without a WASI context. */
bool wasmsh_tables(struct WASMModuleInstanceCommon* instance, struct fd_table** table,
                   struct fd_prestats** prestats);

/** WASI errno of a host errno. */
uint16_t wasmsh_errno(int host_errno);

/** Looks up a descriptor that has the given rights and keeps it open until wasmsh_fd_release.
 *  EBADF, ENOTCAPABLE. */
uint16_t wasmsh_fd_acquire(struct fd_table* table, uint32_t fd, uint64_t rights_base,
                           WasmshFd* out);

/** Gives a reference back; the last one closes the host descriptor and returns close's error. */
uint16_t wasmsh_fd_release(struct fd_object* object);

/** Puts a host descriptor into the table at `fd`, which must be free, or at the lowest free number.
 *  ENOMEM; `host_fd` then still belongs to the caller. */
uint16_t wasmsh_fd_insert(struct fd_table* table, uint32_t fd, int host_fd, uint8_t type,
                          uint64_t rights_base, uint64_t rights_inheriting, uint32_t* out);

/** Takes a descriptor out of the table; the caller releases the object. EBADF. */
uint16_t wasmsh_fd_detach(struct fd_table* table, uint32_t fd, struct fd_object** out);

/** Moves `from` over `to`, both open and different; the caller releases what `to` was. EBADF. */
uint16_t wasmsh_fd_move(struct fd_table* table, uint32_t from, uint32_t to,
                        struct fd_object** replaced);

/** Takes rights away from a descriptor. EBADF, ENOTCAPABLE (asks for one that it has not). */
uint16_t wasmsh_fd_restrict(struct fd_table* table, uint32_t fd, uint64_t rights_base,
                            uint64_t rights_inheriting);

/** WASI type of a host descriptor and the most rights that make sense for it. */
uint16_t wasmsh_type_and_rights(int host_fd, uint8_t* type, uint64_t* rights_base,
                                uint64_t* rights_inheriting);

/**
 * Resolves a path below the directory `fd` so that it cannot leave it, by "..", absolute or by
 * symbolic links. `lookup_flags` as in path_open. ENOTCAPABLE (leaves the directory, or rights
 * missing), EBADF, ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EILSEQ (holds a NUL), EACCES, ENOMEM.
 */
uint16_t wasmsh_path_get(struct fd_table* table, uint32_t fd, uint32_t lookup_flags,
                         const char* path, size_t length, uint64_t rights_base,
                         uint64_t rights_inheriting, bool needs_final_component, WasmshPath* out);
void wasmsh_path_put(WasmshPath* path);

/** The same for a directory that is in no table; follows symbolic links. `directory_fd` stays the
 *  caller's and must outlive the result. */
uint16_t wasmsh_path_get_below(int directory_fd, const char* path, size_t length, WasmshPath* out);

#ifdef __cplusplus
}
#endif

#endif  // WASMSH_HOSTCALLS_WAMR_POSIX_H_
