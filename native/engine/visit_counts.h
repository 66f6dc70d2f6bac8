#ifndef WASMSH_ENGINE_VISIT_COUNTS_H_
#define WASMSH_ENGINE_VISIT_COUNTS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/loaded_module.h"
#include "status.h"

namespace wasmsh::engine {

/** An instruction that was come to otherwise than from the one in front of it. */
struct Visited {
  uint32_t function = 0;
  uint32_t pc = 0;
  uint64_t count = 0;
};

/**
 * How often a guest came to each instruction of its module by a call, a return or a branch back to
 * a loop. A counter for each byte of code, in pages that are there only once they are written to.
 * One guest counts; whoever reads meanwhile sees counts of about that moment.
 */
class VisitCounts {
 public:
  /** Code: INTERNAL, without memory. */
  static Status Create(std::shared_ptr<LoadedModule> module, std::shared_ptr<VisitCounts>* out);
  ~VisitCounts();
  VisitCounts(const VisitCounts&) = delete;
  VisitCounts& operator=(const VisitCounts&) = delete;

  uint64_t* counts() { return counts_; }
  /** The byte of the interpreter's copy of the module that the first counter stands for. */
  const uint8_t* code() const;
  /** Those that were come to at all, by function and pc. */
  std::vector<Visited> Read() const;

 private:
  explicit VisitCounts(std::shared_ptr<LoadedModule> module);
  size_t Bytes() const;

  const std::shared_ptr<LoadedModule> module_;
  uint32_t first_ = 0;  // offsets in the module
  uint32_t end_ = 0;
  uint64_t* counts_ = nullptr;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_VISIT_COUNTS_H_
