#ifndef WASMSH_COMPILER_PIPELINE_H_
#define WASMSH_COMPILER_PIPELINE_H_

#include "compiler/compilation.h"
#include "compiler/loop_polls.h"
#include "compiler/recursion.h"

namespace wasmsh::compiler {

/**
 * Optimizes as WAMR does (aot_apply_llvm_new_pass_manager, ahead of time, without profiles), with
 * the passes over polled loops and recursion in between: WAMR's function offers no place for them.
 */
void Optimize(Compilation* compilation, const Options& options, LoopPolls* polls,
              Recursion* recursion);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_PIPELINE_H_
