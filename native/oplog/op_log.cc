#include "oplog/op_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace wasmsh::oplog {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
static_assert(kBufferBytes > kMaxOpBytes);

bool WriteAll(int file, const uint8_t* bytes, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t written = pwrite(file, bytes, size, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= size_t(written);
    offset += uint64_t(written);
  }
  return true;
}

bool ReadAll(int file, uint8_t* bytes, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t got = pread(file, bytes, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= size_t(got);
    offset += uint64_t(got);
  }
  return true;
}

}  // namespace

OpLog::OpLog(OpLogOptions options) : options_(std::move(options)), counts_(OpShapes().size()) {}

OpLog::~OpLog() {
  if (file_ >= 0) close(file_);
}

void OpLog::Append(const OpRecord& record) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t seq = next_seq_++;
  if (seq == next_put_) {
    Put(record);
    return;
  }
  std::string bytes(kMaxOpBytes, '\0');
  bytes.resize(EncodeOp(record, reinterpret_cast<uint8_t*>(bytes.data())));
  counts_[record.shape]++;
  waiting_.emplace(seq, std::move(bytes));
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
    return;
  }
  std::string bytes(kMaxOpBytes, '\0');
  bytes.resize(EncodeOp(record, reinterpret_cast<uint8_t*>(bytes.data())));
  counts_[record.shape]++;
  waiting_.emplace(seq, std::move(bytes));
}

void OpLog::Put(const OpRecord& record) {
  if (used_ + kMaxOpBytes > kBufferBytes) Flush();
  // Not cleared: pages that are never written cost nothing.
  if (!buffer_) buffer_.reset(new uint8_t[kBufferBytes]);
  used_ += EncodeOp(record, buffer_.get() + used_);
  counts_[record.shape]++;
  next_put_++;
}

void OpLog::PutWaiting() {
  while (!waiting_.empty() && waiting_.begin()->first == next_put_) {
    const std::string& bytes = waiting_.begin()->second;
    if (used_ + kMaxOpBytes > kBufferBytes) Flush();
    std::memcpy(buffer_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    next_put_++;
    waiting_.erase(waiting_.begin());
  }
}

bool OpLog::OpenFile() {
  if (file_ >= 0) return true;
  int error = ENOENT;
  for (const std::string& folder : options_.folders) {
    file_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file_ < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
      // A file system without nameless files.
      std::string name = folder + "/oplog-XXXXXX";
      file_ = mkostemp(name.data(), O_CLOEXEC);
      if (file_ >= 0) unlink(name.c_str());
    }
    if (file_ >= 0) return true;
    error = errno;
  }
  Fail("The operation log has no file", error);
  return false;
}

void OpLog::Fail(const std::string& what, int error) {
  if (failure_.ok()) failure_ = Status::Error("OPLOG_WRITE", what + ": " + strerror(error), error);
}

void OpLog::Flush() {
  if (used_ == 0) return;
  const Chunk chunk{buffer_first_, file_end_, static_cast<uint32_t>(used_)};
  bool is_kept = failure_.ok() && options_.limit_bytes > 0 && OpenFile();
  if (is_kept && !WriteAll(file_, buffer_.get(), used_, file_end_)) {
    // Ops are lost rather than the guest held up; Read and Stats say which and why.
    Fail("The operation log cannot be written", errno);
    is_kept = false;
  }
  if (is_kept) {
    chunks_.push_back(chunk);
    kept_bytes_ += used_;
    file_end_ += used_;
    DropOldest();
  } else {
    chunks_.clear();
    kept_bytes_ = 0;
  }
  used_ = 0;
  buffer_first_ = next_put_;
}

void OpLog::DropOldest() {
  while (kept_bytes_ > options_.limit_bytes && chunks_.size() > 1) {
    const Chunk& oldest = chunks_.front();
    // Where the file system cannot punch holes the file grows on, which Read does not notice.
    (void)fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(oldest.offset), oldest.bytes);
    kept_bytes_ -= oldest.bytes;
    chunks_.pop_front();
  }
}

Status OpLog::ReadChunk(uint64_t from, std::vector<uint8_t>* bytes, uint64_t* seq) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (from >= buffer_first_ || chunks_.empty()) {
    bytes->assign(buffer_.get(), buffer_.get() + used_);
    *seq = buffer_first_;
    return Status::Ok();
  }
  auto found = std::upper_bound(chunks_.begin(), chunks_.end(), from,
                                [](uint64_t at, const Chunk& chunk) { return at < chunk.first; });
  if (found != chunks_.begin()) --found;
  bytes->resize(found->bytes);
  *seq = found->first;
  if (ReadAll(file_, bytes->data(), bytes->size(), found->offset)) return Status::Ok();
  return Status::Error("OPLOG_READ", "The operation log cannot be read", errno);
}

Status OpLog::Read(uint64_t from, size_t most, std::vector<Op>* out) {
  out->clear();
  std::vector<uint8_t> bytes;
  while (out->size() < most) {
    uint64_t seq = 0;
    if (Status status = ReadChunk(from, &bytes, &seq); !status.ok()) return status;
    const size_t before = out->size();
    for (size_t at = 0; at < bytes.size() && out->size() < most; ++seq) {
      Op op;
      const size_t size = DecodeOp(bytes.data() + at, bytes.size() - at, &op);
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

OpLogStats OpLog::Stats() {
  std::lock_guard<std::mutex> lock(mutex_);
  OpLogStats stats;
  stats.first = chunks_.empty() ? buffer_first_ : chunks_.front().first;
  stats.next = next_put_;
  stats.bytes = kept_bytes_ + used_;
  stats.counts = counts_;
  stats.failure = failure_;
  return stats;
}

void OpLog::Discard() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (file_ >= 0) close(file_);
  file_ = -1;
  options_.limit_bytes = 0;
  chunks_.clear();
  kept_bytes_ = 0;
  used_ = 0;
  buffer_.reset();
  buffer_first_ = next_put_;
}

}  // namespace wasmsh::oplog
