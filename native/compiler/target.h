#ifndef WASMSH_COMPILER_TARGET_H_
#define WASMSH_COMPILER_TARGET_H_

#include <string>

#include "status.h"

namespace wasmsh::compiler {

/** A kind of machine to make code for, in LLVM's names. */
struct Target {
  std::string architecture;
  std::string cpu;
  std::string features;  // "+avx2,-avx512f"; empty for those that the CPU has by its name
};

/**
 * Finds the target that the user names. "native" is this machine with all that it has, less what it
 * lacks of what its name promises (virtual machines hide instructions). Codes: COMPILE_TARGET.
 */
Status FindTarget(const std::string& name, const std::string& cpu, Target* target);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_TARGET_H_
