#include "hostcalls/op_recorder.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "hostcalls/guest_vectors.h"
#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

using oplog::FieldCode;
using oplog::FieldKind;

/** Old programs number whence otherwise; the log speaks preview 1. */
uint64_t Preview1Whence(const Call& call, uint64_t number) {
  constexpr uint64_t kFromUnstable[] = {1, 2, 0};
  return IsUnstable(call) && number < 3 ? kFromUnstable[number] : number;
}

struct Piece {
  const uint8_t* bytes;
  size_t size;
};

/** Finds the bytes of a call in guest memory, behind the call. False when they are not there: the
 *  call has written over its own arguments. */
bool AddPieces(const Call& call, const oplog::DataPart& part, std::vector<Piece>* pieces) {
  const GuestMemory& memory = call.memory;
  uint64_t length = part.unit;
  switch (part.counted_by) {
    case oplog::DataPart::Count::kFixed:
      break;
    case oplog::DataPart::Count::kArgument:
      length *= Arg32(call, part.count);
      break;
    case oplog::DataPart::Count::kResult: {
      uint32_t count = 0;
      if (!memory.Load(Arg32(call, part.count), &count)) return false;
      length *= count;
      break;
    }
  }
  const uint32_t address = Arg32(call, part.address);
  if (!part.is_vectors) {
    const uint8_t* bytes = memory.At(address, length);
    if (bytes == nullptr) return false;
    pieces->push_back({bytes, static_cast<size_t>(length)});
    return true;
  }
  GuestVectors vectors(memory, address, Arg32(call, part.address + 1u));
  if (vectors.Check() != wasi::kSuccess) return false;
  iovec entries[GuestVectors::kBatch];
  for (uint64_t done = 0; done < length;) {
    uint64_t bytes = 0;
    const int count = vectors.Batch(done, length - done, entries, &bytes);
    if (count == 0 || bytes == 0) return false;
    for (int i = 0; i < count; ++i) {
      pieces->push_back({static_cast<const uint8_t*>(entries[i].iov_base), entries[i].iov_len});
    }
    done += bytes;
  }
  return true;
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
  std::string* path = paths_.emplace().data();
  for (const FieldCode& field : shape_->codes) {
    if (field.kind != FieldKind::kPath) continue;
    const size_t length = std::min<size_t>(Arg32(call_, field.argument + 1u), oplog::kMaxPathBytes);
    const uint8_t* text = call_.memory.At(Arg32(call_, field.argument), length);
    if (text != nullptr) path->assign(reinterpret_cast<const char*>(text), length);
    ++path;
  }
}

void OpRecorder::Finish() {
  if (log_ == nullptr) return;
  const bool is_short = !shape_->has_paths && !shape_->changes_identity &&
                        call_.answer == nullptr && shape_->field_count <= oplog::kShortFields &&
                        DataOfCall() == nullptr;
  if (is_short) {
    AppendNumbers();
  } else {
    AppendWhole();
  }
}

uint64_t OpRecorder::NumberOf(const FieldCode& field) const {
  switch (field.kind) {
    case FieldKind::kNumber:
      return call_.args[field.argument];
    case FieldKind::kWhence:
      return Preview1Whence(call_, call_.args[field.argument]);
    case FieldKind::kLength:
      return call_.args[field.argument + 1u];
    case FieldKind::kPath:
      return 0;
    case FieldKind::kResult:
      if (call_.spec.is_plugin) return call_.value;
      break;
  }
  const uint8_t* at = call_.memory.At(Arg32(call_, field.argument), field.bytes);
  if (at == nullptr) return 0;
  return field.bytes == 2   ? GuestMemory::Decode<uint16_t>(at)
         : field.bytes == 4 ? GuestMemory::Decode<uint32_t>(at)
                            : GuestMemory::Decode<uint64_t>(at);
}

void OpRecorder::AppendNumbers() {
  const auto error = static_cast<uint16_t>(call_.result);
  uint8_t bytes[oplog::kMaxNumbersBytes];
  oplog::NumbersEncoder encoder(bytes, call_.spec.shape, 0, error, control_.Position());
  for (size_t i = 0; i < shape_->field_count; ++i) {
    if (error != 0 && shape_->codes[i].kind == FieldKind::kResult) break;  // they stand last
    encoder.Put(NumberOf(shape_->codes[i]));
  }
  log_->AppendEncoded(call_.spec.shape, bytes, encoder.Finish());
}

oplog::OpData* OpRecorder::DataOfCall() const {
  return call_.result == 0 && !shape_->data.empty() ? log_->data() : nullptr;
}

void OpRecorder::KeepData(oplog::OpData* data, oplog::OpRecord* record) const {
  std::vector<Piece> pieces;
  uint64_t length = 0;
  for (const oplog::DataPart& part : shape_->data) {
    if (part.is_preview1 && IsUnstable(call_)) return;
    if (!AddPieces(call_, part, &pieces)) return;
  }
  for (const Piece& piece : pieces) length += piece.size;
  record->data = data->Reserve(length);
  uint64_t offset = record->data->offset;
  for (const Piece& piece : pieces) {
    data->Write(offset, piece.bytes, piece.size);
    offset += piece.size;
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

void OpRecorder::AppendWhole() {
  oplog::OpRecord record;
  record.shape = call_.spec.shape;
  record.error = static_cast<uint16_t>(call_.result);
  record.position = control_.Position();
  if (paths_) std::copy(paths_->begin(), paths_->end(), record.paths);
  for (size_t i = 0; i < shape_->field_count; ++i) {
    const bool is_there = record.error == 0 || shape_->codes[i].kind != FieldKind::kResult;
    record.numbers[i] = is_there ? NumberOf(shape_->codes[i]) : 0;
  }
  oplog::OpFrame frames[oplog::kMaxOpFrames];
  if (shape_->changes_identity) {
    record.frames = frames;
    record.frame_count = control_.CallStack(frames, oplog::kMaxOpFrames);
  }
  oplog::OpWrite writes[oplog::kMaxOpWrites];
  if (call_.answer != nullptr) KeepWrites(writes, &record);
  if (oplog::OpData* data = DataOfCall()) KeepData(data, &record);
  if (call_.reserved_op != 0) {
    log_->AppendReserved(call_.reserved_op, record);
  } else {
    log_->Append(record);
  }
}

}  // namespace wasmsh::hostcalls
