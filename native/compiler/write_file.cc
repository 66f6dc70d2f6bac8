#include "compiler/write_file.h"

#include <llvm/Support/raw_ostream.h>

namespace wasmsh::compiler {

Status WriteFile(const std::string& path, std::string_view bytes) {
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  if (!error) {
    file << bytes;
    file.close();
    error = file.error();
  }
  // LLVM ends the process for an error that nobody has asked for.
  file.clear_error();
  if (!error) return Status::Ok();
  return Status::Error("COMPILE_WRITE", path + " cannot be written: " + error.message(),
                       error.value());
}

}  // namespace wasmsh::compiler
