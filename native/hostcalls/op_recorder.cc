#include "hostcalls/op_recorder.h"

#include <algorithm>
#include <cstring>

#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

using oplog::Field;
using oplog::FieldKind;

/** Old programs number whence otherwise; the log speaks preview 1. */
uint64_t Preview1Whence(const Call& call, uint64_t number) {
  constexpr uint64_t kFromUnstable[] = {1, 2, 0};
  return IsUnstable(call) && number < 3 ? kFromUnstable[number] : number;
}

}  // namespace

OpRecorder::OpRecorder(ThreadControl& control, const Call& call)
    : control_(control), call_(call), log_(call.host.log()) {
  if (log_ == nullptr) return;
  shape_ = &log_->shapes()[call.spec.shape];
  if (!log_->Wants(*shape_)) {
    log_ = nullptr;
    return;
  }
  if (shape_->has_paths) KeepPaths();
}

void OpRecorder::KeepPaths() {
  GuestMemory memory(call_.exec_env);
  std::string* path = paths_;
  for (const Field& field : shape_->fields) {
    if (field.kind != FieldKind::kPath) continue;
    const size_t length = std::min<size_t>(Arg32(call_, field.argument + 1u), oplog::kMaxPathBytes);
    const uint8_t* text = memory.At(Arg32(call_, field.argument), length);
    if (text != nullptr) path->assign(reinterpret_cast<const char*>(text), length);
    ++path;
  }
}

void OpRecorder::Finish() {
  if (log_ == nullptr) return;
  oplog::OpRecord record;
  record.shape = call_.spec.shape;
  record.error = static_cast<uint16_t>(call_.result);
  record.position = control_.Position();
  for (size_t i = 0; i < oplog::kMaxPaths; ++i) record.paths[i] = paths_[i];
  for (size_t i = 0; i < shape_->fields.size(); ++i) {
    const Field& field = shape_->fields[i];
    uint64_t& number = record.numbers[i];
    switch (field.kind) {
      case FieldKind::kNumber:
        number = call_.args[field.argument];
        break;
      case FieldKind::kWhence:
        number = Preview1Whence(call_, call_.args[field.argument]);
        break;
      case FieldKind::kLength:
        number = call_.args[field.argument + 1u];
        break;
      case FieldKind::kPath:
      case FieldKind::kResult:
        number = 0;
        break;
    }
  }
  if (record.error == 0 && shape_->has_results) ReadResults(&record);
  oplog::OpWrite writes[oplog::kMaxOpWrites];
  if (call_.answer != nullptr) KeepWrites(writes, &record);
  if (shape_->changes_identity) {
    AppendWithStack(&record);
  } else {
    Append(record);
  }
}

void OpRecorder::KeepWrites(oplog::OpWrite* writes, oplog::OpRecord* record) const {
  record->writes = writes;
  record->write_count = std::min(call_.answer->writes.size(), oplog::kMaxOpWrites);
  for (size_t i = 0; i < record->write_count; ++i) {
    const PluginAnswer::Write& from = call_.answer->writes[i];
    writes[i] = {from.address,
                 from.bytes.size(),
                 {reinterpret_cast<const char*>(from.bytes.data()), from.bytes.size()}};
  }
}

void OpRecorder::AppendWithStack(oplog::OpRecord* record) {
  oplog::OpFrame frames[oplog::kMaxOpFrames];
  record->frames = frames;
  record->frame_count = control_.CallStack(frames, oplog::kMaxOpFrames);
  Append(*record);
}

void OpRecorder::Append(const oplog::OpRecord& record) {
  if (call_.reserved_op != 0) {
    log_->AppendReserved(call_.reserved_op, record);
  } else {
    log_->Append(record);
  }
}

void OpRecorder::ReadResults(oplog::OpRecord* record) const {
  GuestMemory memory(call_.exec_env);
  for (size_t i = 0; i < shape_->fields.size(); ++i) {
    const Field& field = shape_->fields[i];
    if (field.kind != FieldKind::kResult) continue;
    if (call_.spec.is_plugin) {
      record->numbers[i] = call_.value;
      continue;
    }
    const uint8_t* at = memory.At(Arg32(call_, field.argument), field.bytes);
    if (at == nullptr) continue;
    record->numbers[i] = field.bytes == 2   ? GuestMemory::Decode<uint16_t>(at)
                         : field.bytes == 4 ? GuestMemory::Decode<uint32_t>(at)
                                            : GuestMemory::Decode<uint64_t>(at);
  }
}

}  // namespace wasmsh::hostcalls
