// A guest that only compiled code can run: whoever looks at it sees the frames as they came out of
// there, and there they go back.

#include <cstring>

#include "engine/guest.h"

namespace wasmsh::engine {

namespace {

/** A thread that is about to call a function from the host. */
view::Thread AtBeginning(const wasm::Module& module, uint32_t function, const uint32_t* cells) {
  view::Frame frame;
  frame.function = function;
  const size_t params = module.TypeOf(function).params.size();
  for (uint32_t i = 0; i < module.LocalCount(function); i++) {
    const view::ValueType type = module.LocalType(function, i);
    view::Value local;
    local.type = type;
    if (i < params) {
      local = ReadCells(type, cells);
      cells += wasm::ValueTypeCells(type);
    } else if (type == view::ValueType::kFuncref || type == view::ValueType::kExternref) {
      local.bits[0] = view::kNullReference;
    }
    frame.locals.push_back(local);
  }
  view::Thread thread;
  thread.frames.push_back(std::move(frame));
  return thread;
}

}  // namespace

void Guest::RunCompiledOnly(WASMFunctionInstance* function, uint32_t* cells) {
  if (recovering_) {
    left_ = *recovering_;
    if (!IsFresh(left_)) failure_ = SuspendedStack::CheckStable(left_, compiled_->code().points());
    if (!failure_.ok()) return;
  } else {
    left_ = AtBeginning(module_->module(), uint32_t(function - instance_->e->functions), cells);
  }
  do {
    recovering_ = nullptr;
  } while (ParkInView() && GoOnInView(function, cells));
}

bool Guest::ParkInView() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (killed_) return false;
  if (!stop_) return true;
  Parked parked;
  parked.kind = stop_kind_;
  parked.status = left_.status;
  parked.in_view = &left_;
  if (left_.call) {
    parked.import = left_.call->import;
    for (const view::Value& value : left_.call->arguments) {
      parked.arguments.push_back(value.bits[0]);
    }
    parked.progress.transferred = left_.call->transferred;
    parked.progress.deadline_ns = left_.call->deadline_ns;
    parked.progress.phase = left_.call->phase;
  }
  return Park(lock, std::move(parked));
}

bool Guest::AwaitTwins() {
  std::vector<FramePoint> points;
  for (const view::Frame& frame : left_.frames) {
    std::optional<uint32_t> point;
    failure_ = code_->points().At(frame.function, frame.pc, &point);
    if (!failure_.ok()) return false;
    if (point) points.push_back({frame.function, *point});
  }
  if (left_.call) points.push_back({left_.call->import, 0});
  if (CanEnterWith(points)) return true;
  crossing_.Restart();
  AskForTwins(points);
  while (!CanEnterWith(points)) {  // what comes may be the answer to an earlier question
    if (crossing_.gave_up()) {     // nothing is lost: it asks again when it is told to go on
      std::lock_guard<std::mutex> lock(mutex_);
      if (!stop_) stop_kind_ = ParkKind::kNoCode;
      stop_ = true;
      return false;
    }
    WaitForOffer();
    if (stop_ || killed_) return false;
    TakeOffer();
  }
  return true;
}

bool Guest::GoOnInView(WASMFunctionInstance* function, uint32_t* cells) {
  const auto& type = module_->module().TypeOf(uint32_t(function - instance_->e->functions));
  if (IsFresh(left_)) {
    EnterCompiled();
    return !CallWithLocals(left_.frames[0], cells);
  }
  if (!AwaitTwins()) return failure_.ok() && !killed_;
  failure_ = ReadyCompiled(left_);
  if (!failure_.ok()) return false;
  if (left_.call) {
    set_recovered_progress({left_.call->transferred, left_.call->deadline_ns, left_.call->phase});
  }
  CrossToCompiled();
  return !AfterCompiled(compiled_->Resume(type.results, cells));
}

}  // namespace wasmsh::engine
