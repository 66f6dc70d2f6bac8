#include "oplog/op_log.h"

#include <cstring>

namespace wasmsh::oplog {

namespace {

std::vector<OpShape> AllShapes(const std::vector<OpShape>& imports) {
  std::vector<OpShape> all = OpShapes();
  all.insert(all.end(), imports.begin(), imports.end());
  return all;
}

}  // namespace

OpLog::OpLog(OpLogOptions options)
    : shapes_(AllShapes(options.imports)),
      keeps_all_(options.limit_bytes > 0),
      limit_bytes_(options.limit_bytes),
      all_(options.folders),
      changes_(std::move(options.folders)),
      counts_(shapes_.size()) {}

void OpLog::Append(const OpRecord& record) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t seq = next_seq_++;
  if (seq == next_put_) {
    Put(record);
  } else {
    Hold(seq, record);
  }
}

uint64_t OpLog::Reserve() {
  std::lock_guard<std::mutex> lock(mutex_);
  return next_seq_++;
}

void OpLog::AppendReserved(uint64_t seq, const OpRecord& record) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (seq == next_put_) {
    Put(record);
    PutWaiting();
  } else {
    Hold(seq, record);
  }
}

void OpLog::Hold(uint64_t seq, const OpRecord& record) {
  std::string bytes(kMaxOpBytes, '\0');
  bytes.resize(EncodeOp(record, reinterpret_cast<uint8_t*>(bytes.data()), shapes_));
  waiting_.emplace(seq, std::make_pair(record.shape, std::move(bytes)));
}

void OpLog::Put(const OpRecord& record) {
  if (keeps_all_ && !shapes_[record.shape].changes_identity) {
    // Most ops: written where they stay.
    all_.Take(EncodeOp(record, all_.Room(next_put_), shapes_));
    all_.KeepAtMost(limit_bytes_);
    counts_[record.shape]++;
    next_put_++;
    return;
  }
  uint8_t bytes[kMaxOpBytes];
  PutEncoded(record.shape, bytes, EncodeOp(record, bytes, shapes_));
}

void OpLog::PutEncoded(uint32_t shape, const uint8_t* bytes, size_t size) {
  if (keeps_all_) {
    std::memcpy(all_.Room(next_put_), bytes, size);
    all_.Take(size);
    all_.KeepAtMost(limit_bytes_);
  }
  if (shapes_[shape].changes_identity) {
    const size_t chunks = changes_.chunks();
    uint8_t* to = changes_.Room(next_put_);
    std::memcpy(to, &next_put_, sizeof next_put_);
    std::memcpy(to + sizeof next_put_, bytes, size);
    changes_.Take(sizeof next_put_ + size);
    if (changes_.chunks() != chunks && notify_) notify_();
  }
  counts_[shape]++;
  next_put_++;
}

void OpLog::PutWaiting() {
  while (!waiting_.empty() && waiting_.begin()->first == next_put_) {
    const auto& [shape, bytes] = waiting_.begin()->second;
    PutEncoded(shape, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    waiting_.erase(waiting_.begin());
  }
}

Status OpLog::Read(uint64_t from, size_t most, std::vector<Op>* out) {
  out->clear();
  std::vector<uint8_t> bytes;
  while (out->size() < most) {
    uint64_t seq = 0;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (Status status = all_.Read(from, &bytes, &seq); !status.ok()) return status;
    }
    const size_t before = out->size();
    for (size_t at = 0; at < bytes.size() && out->size() < most; ++seq) {
      Op op;
      const size_t size = DecodeOp(bytes.data() + at, bytes.size() - at, &op, shapes_);
      if (size == 0) return Status::Error("OPLOG_READ", "The operation log is damaged");
      at += size;
      if (seq < from) continue;
      op.seq = seq;
      out->push_back(std::move(op));
    }
    if (out->size() == before) break;
    from = out->back().seq + 1;
  }
  return Status::Ok();
}

Status OpLog::TakeChanges(std::vector<Op>* out) {
  out->clear();
  std::vector<uint8_t> bytes;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!changes_.failure().ok()) return changes_.failure();
    if (changes_.empty()) return Status::Ok();
    uint64_t seq = 0;
    if (Status status = changes_.Read(0, &bytes, &seq); !status.ok()) return status;
    changes_.DropFirst();
  }
  for (size_t at = 0; at < bytes.size();) {
    Op op;
    std::memcpy(&op.seq, bytes.data() + at, sizeof op.seq);
    at += sizeof op.seq;
    const uint64_t seq = op.seq;
    const size_t size = DecodeOp(bytes.data() + at, bytes.size() - at, &op, shapes_);
    if (size == 0) return Status::Error("OPLOG_READ", "The operation log is damaged");
    at += size;
    op.seq = seq;
    out->push_back(std::move(op));
  }
  return Status::Ok();
}

void OpLog::OnChanges(std::function<void()> notify) {
  std::lock_guard<std::mutex> lock(mutex_);
  notify_ = std::move(notify);
}

OpLogStats OpLog::Stats() {
  std::lock_guard<std::mutex> lock(mutex_);
  OpLogStats stats;
  stats.first = all_.First(next_put_);
  stats.next = next_put_;
  stats.bytes = all_.bytes();
  stats.counts = counts_;
  stats.failure = all_.failure();
  return stats;
}

void OpLog::Discard() {
  std::lock_guard<std::mutex> lock(mutex_);
  keeps_all_ = false;
  all_.Clear();
  changes_.Clear();
}

}  // namespace wasmsh::oplog
