#include "compiler/hot_loops.h"

#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "compiler/poll_loads.h"
#include "compiler/polled_loop.h"
#include "compiler/state_helpers.h"

namespace wasmsh::compiler {
namespace {

using llvm::BasicBlock;
using llvm::CallInst;
using llvm::dyn_cast;
using llvm::Function;

constexpr char kHotMark[] = "wasmsh.hot";

/** Function and point of the frame that the block hands over, or one that follows it for certain.
 */
std::optional<std::pair<uint32_t, uint32_t>> FrameOf(const BasicBlock* block,
                                                     const Function* begins_frame) {
  llvm::SmallPtrSet<const BasicBlock*, 4> seen;
  for (; block != nullptr && seen.insert(block).second; block = block->getSingleSuccessor()) {
    for (const llvm::Instruction& one : *block) {
      const auto* call = dyn_cast<CallInst>(&one);
      if (call == nullptr || call->getCalledOperand() != begins_frame) continue;
      return FramePointOf(*call);
    }
  }
  return std::nullopt;
}

}  // namespace

Status HotLoops::Read(const std::string& path, HotLoops* out) {
  errno = 0;
  std::ifstream file(path);
  if (!file) {
    return Status::Error("MODULE_FILE", path + " cannot be read: " + std::strerror(errno), errno);
  }
  uint64_t function = 0;
  uint64_t point = 0;
  while (file >> function >> point) out->loops_.emplace(function, point);
  if (file.eof()) return Status::Ok();
  return Status::Error("MODULE_FILE", path + " is no list of loops");
}

uint32_t HotLoops::Mark(const Compilation& compilation) const {
  if (loops_.empty()) return 0;
  const StateHelpers helpers(compilation);
  if (helpers.frame == nullptr) return 0;
  uint32_t found = 0;
  for (Function& function : compilation.ir()) {
    for (BasicBlock& block : function) {
      const auto poll = PollOf(&block);
      if (!poll) continue;
      const auto frame = FrameOf(poll->cold, helpers.frame);
      if (!frame || loops_.count(*frame) == 0) continue;
      poll->load->setMetadata(kHotMark, llvm::MDNode::get(function.getContext(), {}));
      ++found;
    }
  }
  return found;
}

bool IsHotPoll(const llvm::Instruction& instruction) {
  return IsPoll(instruction) && instruction.hasMetadata(kHotMark);
}

}  // namespace wasmsh::compiler
