#ifndef WASMSH_IMAGE_VIEW_VALIDATE_H_
#define WASMSH_IMAGE_VIEW_VALIDATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "image/view.h"

/** The parts of Validate (view.h); each is a file view_validate_*.cc. */
namespace wasmsh::view {

/** An error of the whole check: SNAPSHOT_INVALID, or SNAPSHOT_EXTERNREF. */
Status Invalid(const std::string& place, const std::string& why);

/** Checks values against their types: no bits outside the type, references to functions that exist
 *  or null. `what` names one of them: "local". Where `may_lack`, values may be unavailable. */
Status CheckValues(const wasm::Module& module, const std::vector<Value>& values,
                   const std::vector<ValueType>& types, const char* what, bool may_lack,
                   const std::string& place);

Status CheckMemories(const View& view, const wasm::Module& module);
Status CheckInstances(const View& view, const wasm::Module& module);
Status CheckEnvironment(const View& view, const wasm::Module& module);
Status CheckThreads(const View& view, wasm::ModuleAnalysis* analysis);
Status CheckThread(const View& view, const Thread& thread, wasm::ModuleAnalysis* analysis,
                   const std::string& place);
Status CheckDescriptors(const View& view);

/** An instruction that a frame stands behind while what it called runs. */
struct CallSite {
  wasm::Instruction instruction;
  bool is_wait = false;          // memory.atomic.wait32 or wait64
  wasm::FunctionType type;       // what it takes and gives, the table index left out
  uint32_t operands_popped = 0;  // the table index counted
};

/** Finds the call or wait that ends at `pc`; codes as OperandTypes. */
Status FindCallSite(wasm::ModuleAnalysis* analysis, uint32_t function, uint32_t pc, CallSite* out);

}  // namespace wasmsh::view

#endif  // WASMSH_IMAGE_VIEW_VALIDATE_H_
