#ifndef WASMSH_COMPILER_CHUNKED_LOOP_H_
#define WASMSH_COMPILER_CHUNKED_LOOP_H_

#include "compiler/polled_loop.h"

namespace llvm {
class LoopInfo;
}

namespace wasmsh::compiler {

/**
 * Takes the poll out of a loop of any length whose rounds are counted: it becomes two, one inside
 * the other. The inner one is what plain code has, and makes K rounds at most; the outer one polls.
 *
 *     do {                                    left = rounds
 *       ...                                   do {
 *       if (!--n) goto exit                     last = min(left, K); j = 0
 *       if (poll) goto cold                     do { ... } while (j++ != last)
 *     } while (true)                            if (left <= K) goto exit
 *                                               if (poll) goto cold
 *                                               left -= K + 1
 *                                             } while (true)
 *
 * The poll has to stand behind that exit, with nothing but arithmetic in between: see SinkPoll.
 * Returns false, and leaves the loop as it is, where it is of another form.
 */
bool ChunkLoop(const PolledLoop& polled, const CountedExit& exit, llvm::SCEVExpander* expander,
               llvm::LoopInfo* loops, llvm::DominatorTree* dominators);

/**
 * Moves the only poll of a loop behind the exit that its latch decides, if nothing in between has
 * effects: to do that part again is the same as not to have done it. Loop rotation leaves polls in
 * front of it. Returns whether it did; the loop has to be matched again then.
 */
bool SinkPoll(const PolledLoop& polled, llvm::LoopInfo* loops, llvm::DominatorTree* dominators);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_CHUNKED_LOOP_H_
