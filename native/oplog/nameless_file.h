#ifndef WASMSH_OPLOG_NAMELESS_FILE_H_
#define WASMSH_OPLOG_NAMELESS_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wasmsh::oplog {

/** Opens a file without a name, of which nothing is left whatever happens to this process, in the
 *  first of these folders that can be used. Returns -1 with errno set when there is none. */
int OpenNamelessFile(const std::vector<std::string>& folders);

/** Write and read all of it, whatever signals arrive. False, with errno set, when they cannot. */
bool WriteAllAt(int file, const uint8_t* bytes, size_t size, uint64_t offset);
bool ReadAllAt(int file, uint8_t* bytes, size_t size, uint64_t offset);

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_NAMELESS_FILE_H_
