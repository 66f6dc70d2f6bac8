#ifndef WASMSH_COMPILER_PIPELINE_H_
#define WASMSH_COMPILER_PIPELINE_H_

#include "compiler/compilation.h"
#include "compiler/loop_polls.h"

namespace wasmsh::compiler {

/**
 * Optimizes as WAMR does (aot_apply_llvm_new_pass_manager, ahead of time, without profiles), with
 * the passes over polled loops in between: WAMR's function offers no place for them.
 */
void Optimize(Compilation* compilation, const Options& options, LoopPolls* polls);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_PIPELINE_H_
