#ifndef WASMSH_STATUS_H_
#define WASMSH_STATUS_H_

#include <string>
#include <utility>

namespace wasmsh {

/**
 * Outcome of an operation that can fail. `code` is one of the codes of src/core/errors.ts without
 * the ERR_WASMSH_ prefix, e.g. "MODULE_INVALID"; it is empty on success. `message` is one sentence
 * without a trailing period. `system_errno` is the host's errno where a call failed, else 0.
 */
struct [[nodiscard]] Status {
  std::string code;
  std::string message;
  int system_errno = 0;

  bool ok() const { return code.empty(); }
  static Status Ok() { return {}; }
  static Status Error(std::string code, std::string message, int system_errno = 0) {
    return {std::move(code), std::move(message), system_errno};
  }
};

}  // namespace wasmsh

#endif  // WASMSH_STATUS_H_
