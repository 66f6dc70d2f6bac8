#ifndef WASMSH_ENGINE_COMPILED_COMPILED_INSTANCE_H_
#define WASMSH_ENGINE_COMPILED_COMPILED_INSTANCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/compiled/compiled_code.h"
#include "engine/compiled/frame_here.h"
#include "engine/compiled/suspended_stack.h"
#include "engine/compiled/twins.h"
#include "engine/wamr.h"
#include "image/view.h"
#include "status.h"
#include "wasm/module.h"

namespace wasmsh::engine {

/** How a stay in compiled code has ended. */
enum class CompiledEnd {
  kReturned,  // the outermost function has returned
  kLeft,      // everything is on the suspended stack
  kStopped,   // an exception is set: a trap, an exit or a kill
};

/**
 * The compiled twin of a guest's instance: WAMR's instance of the compiled module, which works on
 * the memory and the host's resources of the interpreter's. While the guest is in compiled code
 * this one is right about globals, tables and the memory's size, else the interpreter's is; Enter
 * and Leave carry them over. All on the guest's thread.
 */
class CompiledInstance {
 public:
  /** Codes: INSTANTIATE, INTERNAL. */
  static Status Create(std::shared_ptr<const CompiledCode> code, const wasm::Module& module,
                       WASMModuleInstance* interpreted, uint8_t* native_stack_low,
                       std::unique_ptr<CompiledInstance>* out);
  /** The interpreter's instance must still be there: it gets the memory back. */
  ~CompiledInstance();
  CompiledInstance(const CompiledInstance&) = delete;
  CompiledInstance& operator=(const CompiledInstance&) = delete;

  const CompiledCode& code() const { return *code_; }
  SuspendedStack& stack() { return stack_; }
  WASMExecEnv* exec_env() const { return exec_env_; }

  /** Has the thread spill its frames and leave. From any thread; only Enter takes it back. */
  void RequestLeave();
  /** The same, from within a host call, which was not performed. */
  void UndoHostCall();

  /** Carries state here, and clears the request word. */
  void Enter();
  /** Carries state back. */
  void Leave();

  /** Puts twins in the place of those before, of which nothing may be on the native stack any more.
   *  Codes: INTERNAL. */
  Status UseTwins(std::shared_ptr<const Twins> twins);

  /** Calls an export of the guest, or the start function by the build's name for it; `cells` hold
   * arguments, then results. */
  CompiledEnd Call(const std::string& export_name, const wasm::FunctionType& type, uint32_t* cells);
  /** Goes on with the frames that were put on the suspended stack. */
  CompiledEnd Resume(const std::vector<wasm::ValueType>& results, uint32_t* cells);

  /** Why it stopped: WAMR's text; and clears it. */
  std::string TakeException();
  /** The frames that were there when it trapped, innermost first; none when that is not known. */
  std::vector<TrapFrame> TrapFrames() const { return code_->FramesOf(trap_); }

 private:
  CompiledInstance(std::shared_ptr<const CompiledCode> code, const wasm::Module& module,
                   WASMModuleInstance* interpreted)
      : code_(std::move(code)),
        module_(module),
        interpreted_(interpreted),
        stack_(code_->build()) {}
  void PrepareCapture();
  void PrepareSpills();

  Status ShareMemory();
  Status CheckTables() const;
  Status MakePlaces();
  /** What a running thread polls: bit 0 asks it to leave, bit 1 says that the host call that
   * returns was not performed. */
  uint32_t* request_word() const;
  void CopyDropped(WASMModuleInstance* from, WASMModuleInstance* to) const;
  CompiledEnd Run(const std::string& export_name, uint32_t argument_cells,
                  const std::vector<wasm::ValueType>& results, uint32_t* cells);
  uint8_t* GlobalData(uint32_t global) const;

  const std::shared_ptr<const CompiledCode> code_;
  const wasm::Module& module_;
  WASMModuleInstance* const interpreted_;
  WASMModuleInstance* instance_ = nullptr;
  WASMExecEnv* exec_env_ = nullptr;
  WASMMemoryInstance* own_memory_ = nullptr;  // the interpreter's, while it uses this one's
  SuspendedStack stack_;
  std::shared_ptr<const Twins> twins_;
  bool has_places_ = false;  // the instance's lists of functions have room for twins
  TrapCapture trap_ = {};
  std::unique_ptr<uint8_t[]> trap_stack_;
  SpillSources spills_;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_COMPILED_INSTANCE_H_
