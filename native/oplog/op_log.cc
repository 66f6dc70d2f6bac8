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
      all_(options.folders, options.limit_bytes),
      changes_(options.folders, UINT64_MAX),
      data_(options.keeps_data ? std::make_unique<OpData>(options.folders, options.limit_bytes)
                               : nullptr),
      counts_(shapes_.size()) {}

void OpLog::Append(const OpRecord& record) { Encode(0, record); }

uint64_t OpLog::Reserve() {
  std::lock_guard<std::mutex> lock(mutex_);
  return next_seq_++;
}

void OpLog::AppendReserved(uint64_t seq, const OpRecord& record) { Encode(seq, record); }

void OpLog::Encode(uint64_t seq, const OpRecord& record) {
  if (HasOnlyNumbers(shapes_[record.shape], record)) {
    uint8_t bytes[kMaxNumbersBytes];
    Enter(seq, record.shape, bytes, EncodeOp(record, bytes, shapes_));
  } else {
    uint8_t bytes[kMaxOpBytes];
    Enter(seq, record.shape, bytes, EncodeOp(record, bytes, shapes_));
  }
}

void OpLog::Enter(uint64_t seq, uint32_t shape, const uint8_t* bytes, size_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (seq == 0) seq = next_seq_++;
  if (seq != next_put_) {
    // One with a lower number was reserved and is still on its way.
    waiting_.emplace(seq, std::make_pair(shape, std::string(bytes, bytes + size)));
    return;
  }
  Put(shape, bytes, size);
  if (!waiting_.empty()) PutWaiting();
}

void OpLog::Put(uint32_t shape, const uint8_t* bytes, size_t size) {
  if (keeps_all_) {
    std::memcpy(all_.Room(next_put_), bytes, size);
    all_.Take(size);
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
    Put(shape, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    waiting_.erase(waiting_.begin());
  }
}

uint64_t OpLog::Appended() {
  std::lock_guard<std::mutex> lock(mutex_);
  return next_put_ - 1;
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
  if (data_) {
    stats.data_bytes = data_->bytes();
    if (stats.failure.ok()) stats.failure = data_->failure();
  }
  return stats;
}

void OpLog::Discard() {
  std::lock_guard<std::mutex> lock(mutex_);
  keeps_all_ = false;
  all_.Clear();
  changes_.Clear();
  if (data_) data_->Clear();
}

}  // namespace wasmsh::oplog
