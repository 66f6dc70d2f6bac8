#ifndef WASMSH_COMPILER_MARKS_H_
#define WASMSH_COMPILER_MARKS_H_

/**
 * The names by which src/core/aot/ marks, in the module that it writes, what this compiler treats
 * specially. A module without them is compiled as WAMR's own compiler would.
 */
namespace wasmsh::compiler {

/** Exported global that is read at a poll: whether the thread is to unwind. */
constexpr char kPollGlobal[] = "wasmsh:poll";
/** Exported global that is read behind a call: whether the callee has unwound. */
constexpr char kUnwindGlobal[] = "wasmsh:unwinding";
/** Module of the imported functions that move values out of frames and in. */
constexpr char kStateModule[] = "wasmsh:suspend";
/** Those of them that only helpers call, which run while a stack is spilled. */
constexpr char kBeginFrame[] = "frame";
constexpr char kSpill[] = "spill";
/** The one that this compiler calls in their place: see spill_table.h. */
constexpr char kFrameHere[] = "frame_here";
/** The one that only twins call: functions that go on at a stable point. */
constexpr char kEnter[] = "enter";

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_MARKS_H_
