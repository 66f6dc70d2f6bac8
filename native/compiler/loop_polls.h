#ifndef WASMSH_COMPILER_LOOP_POLLS_H_
#define WASMSH_COMPILER_LOOP_POLLS_H_

#include <cstdint>

#include "compiler/options.h"

namespace llvm {
class PassBuilder;
}

namespace wasmsh::compiler {

/**
 * Takes polls out of loops that need none. A poll costs most in a small innermost loop: a second
 * exit ends vectorization, cheap unrolling and the recognition of memset and memcpy. For an
 * innermost loop without calls, let K be the number of rounds that fit into the time allowed
 * between two polls:
 *
 * - *drop*: the loop never makes more than K rounds: no poll;
 * - *chunk*: the number of rounds can be computed on entry: the loop runs without poll for K rounds
 *   at most, and an outer loop polls (ChunkLoop);
 * - *version*: the same, but the loop is not of the form that can be chunked: if it makes K rounds
 *   at most a copy without polls runs, else the polled loop;
 * - *thin*: nobody can count the rounds, and a profile calls the loop hot: several rounds are
 * written out behind each other, and the last of them polls (ThinLoop).
 *
 * A poll that stays is the stable point it was; one that goes is a point where nobody can stop.
 */
class LoopPolls {
 public:
  explicit LoopPolls(const Options& options) : options_(options) {}

  /** Hooks the two passes into a pipeline that `builder` is going to build; this object has to
   *  outlive the pipeline. */
  void Register(llvm::PassBuilder* builder);

  uint32_t dropped = 0;
  uint32_t versioned = 0;
  uint32_t chunked = 0;
  uint32_t thinned = 0;

  const Options& options() const { return options_; }

 private:
  const Options& options_;
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_LOOP_POLLS_H_
