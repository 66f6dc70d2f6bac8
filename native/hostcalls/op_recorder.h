#ifndef WASMSH_HOSTCALLS_OP_RECORDER_H_
#define WASMSH_HOSTCALLS_OP_RECORDER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "hostcalls/host_call.h"
#include "oplog/op_log.h"

namespace wasmsh::hostcalls {

/**
 * Writes one call into its guest's op log: made in front of the call, since the call may overwrite
 * its own arguments in memory, and finished behind it. Costs nothing when there is no log.
 */
class OpRecorder {
 public:
  OpRecorder(ThreadControl& control, const Call& call);

  /** Whether the call goes into a log. */
  bool is_on() const { return log_ != nullptr; }

  /** The call has had its effect, or failed: `call.result` is final. */
  void Finish();

 private:
  void KeepPaths();
  uint64_t NumberOf(const oplog::FieldCode& field) const;
  void AppendNumbers();
  void AppendWhole();
  /** Where the bytes of this call are to be kept; nullptr when they are not. */
  oplog::OpData* DataOfCall() const;
  void KeepData(oplog::OpData* data, oplog::OpRecord* record) const;
  void KeepWrites(oplog::OpWrite* writes, oplog::OpRecord* record) const;

  ThreadControl& control_;
  const Call& call_;
  oplog::OpLog* log_;
  const oplog::OpShape* shape_ = nullptr;
  std::optional<std::array<std::string, oplog::kMaxPaths>> paths_;
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_OP_RECORDER_H_
