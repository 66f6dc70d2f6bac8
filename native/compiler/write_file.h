#ifndef WASMSH_COMPILER_WRITE_FILE_H_
#define WASMSH_COMPILER_WRITE_FILE_H_

#include <string>
#include <string_view>

#include "status.h"

namespace wasmsh::compiler {

/** Makes a file, or replaces what is in it. Codes: COMPILE_WRITE. */
Status WriteFile(const std::string& path, std::string_view bytes);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_WRITE_FILE_H_
