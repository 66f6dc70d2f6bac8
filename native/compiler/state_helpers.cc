#include "compiler/state_helpers.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <string>

#include "compiler/cold_paths.h"
#include "compiler/marks.h"

namespace wasmsh::compiler {
namespace {

using llvm::dyn_cast;

/** Parameters of the helper that begins a frame; the first is WAMR's own. */
constexpr unsigned kFrameFunction = 1;
constexpr unsigned kFramePoint = 2;

/** What of the host's the first call in a function calls. */
std::optional<std::string> FirstCall(const llvm::Function& function,
                                     const Compilation& compilation) {
  for (const llvm::BasicBlock& block : function) {
    for (const llvm::Instruction& instruction : block) {
      const auto* call = dyn_cast<llvm::CallInst>(&instruction);
      if (call != nullptr) return StateCall(*call, compilation);
    }
  }
  return std::nullopt;
}

}  // namespace

StateHelpers::StateHelpers(const Compilation& compilation) {
  for (llvm::Function& function : compilation.ir()) {
    const auto name = FirstCall(function, compilation);
    if (name == kBeginFrame) frame = &function;
    if (name == kSpill) spill.push_back(&function);
  }
}

std::optional<std::pair<uint32_t, uint32_t>> FramePointOf(const llvm::CallInst& call) {
  const auto* function = dyn_cast<llvm::ConstantInt>(call.getArgOperand(kFrameFunction));
  const auto* point = dyn_cast<llvm::ConstantInt>(call.getArgOperand(kFramePoint));
  if (function == nullptr || point == nullptr) return std::nullopt;
  return std::pair(static_cast<uint32_t>(function->getZExtValue()),
                   static_cast<uint32_t>(point->getZExtValue()));
}

}  // namespace wasmsh::compiler
