#include "compiler/stack_probes.h"

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

namespace wasmsh::compiler {

void AddStackProbes(Compilation* compilation) {
  const llvm::Triple& triple = compilation->target_machine().getTargetTriple();
  // LLVM 19 has them for these. A guard of several MiB catches the frames of all others too, unless
  // one of them alone is larger.
  if (!triple.isX86() && !triple.isAArch64()) return;
  for (llvm::Function& function : compilation->ir()) {
    if (!function.isDeclaration()) function.addFnAttr("probe-stack", "inline-asm");
  }
}

}  // namespace wasmsh::compiler
