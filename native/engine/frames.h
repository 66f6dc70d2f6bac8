#ifndef WASMSH_ENGINE_FRAMES_H_
#define WASMSH_ENGINE_FRAMES_H_

#include <cstdint>
#include <vector>

#include "engine/wamr.h"
#include "image/view.h"
#include "status.h"
#include "wasm/analysis.h"

/** Frames of the interpreter's wasm stack, to and from the wasm view. */
namespace wasmsh::engine {

/** Where a frame stands; decides what its ip and its operand stack mean. */
enum class FramePlace {
  kAtInstruction,  // the instruction at ip comes next
  kInCall,         // ip is behind a call or wait in progress, its operands are popped
  kTrapped,        // ip is inside or behind the instruction that trapped
};

/** The wasm frames of a thread, innermost first. False when a frame of the host lies in between:
 *  such a stack cannot be rebuilt. */
bool WalkFrames(WASMInterpFrame* top, std::vector<WASMInterpFrame*>* frames);

uint32_t FunctionIndex(WASMModuleInstance* instance, const WASMInterpFrame* frame);

/** Byte offset in the original body. Skips the NOPs that WAMR's loader writes over padded LEBs, and
 *  goes back to the instruction's start for a trap. Code: INTERNAL. */
Status FramePc(WASMModuleInstance* instance, const WASMInterpFrame* frame, FramePlace place,
               wasm::ModuleAnalysis* analysis, uint32_t* pc);

/** Reads one frame with the types that validation gives. Code: INTERNAL when the stack height is
 *  not the one that validation says. */
Status ReadFrame(WASMModuleInstance* instance, const WASMInterpFrame* frame, FramePlace place,
                 wasm::ModuleAnalysis* analysis, view::Frame* out);

/**
 * Allocates a frame above `previous` on the thread's wasm stack and fills it, labels included.
 * Codes: STACK_EXHAUSTED, SNAPSHOT_INVALID.
 */
Status BuildFrame(WASMModuleInstance* instance, WASMExecEnv* exec_env, WASMInterpFrame* previous,
                  const view::Frame& frame, bool in_call, wasm::ModuleAnalysis* analysis,
                  WASMInterpFrame** out);

/** Sets ip, sp and the label stack of a frame as they are in front of the instruction at `pc`;
 *  operands stay where they are. Codes: PC_INVALID, PC_UNREACHABLE. */
Status PlaceFrame(WASMModuleInstance* instance, WASMInterpFrame* frame, uint32_t pc,
                  wasm::ModuleAnalysis* analysis);

/** Writes a value into cells of 32 bits, and reads it. */
void WriteCells(const view::Value& value, uint32_t* cells);
view::Value ReadCells(view::ValueType type, const uint32_t* cells);

/** Cells of a list of types, up to `count` of them. */
uint32_t CellCount(const std::vector<view::ValueType>& types, size_t count);

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_FRAMES_H_
