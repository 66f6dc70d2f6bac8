#include "oplog/op_spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "oplog/nameless_file.h"

namespace wasmsh::oplog {
OpSpool::OpSpool(std::vector<std::string> folders, uint64_t limit_bytes)
    : folders_(std::move(folders)), limit_bytes_(limit_bytes) {}

OpSpool::~OpSpool() {
  if (file_ >= 0) close(file_);
}

void OpSpool::Prepare() {
  Flush();
  // Not cleared: pages that are never written cost nothing.
  if (!buffer_) buffer_.reset(new uint8_t[kBufferBytes]);
}

bool OpSpool::OpenFile() {
  if (file_ >= 0) return true;
  file_ = OpenNamelessFile(folders_);
  if (file_ >= 0) return true;
  Fail("The operation log has no file", errno);
  return false;
}

void OpSpool::Fail(const std::string& what, int error) {
  if (failure_.ok()) failure_ = Status::Error("OPLOG_WRITE", what + ": " + strerror(error), error);
}

void OpSpool::Flush() {
  if (used_ == 0) return;
  const Chunk chunk{buffer_first_, file_end_, static_cast<uint32_t>(used_)};
  bool is_kept = failure_.ok() && OpenFile();
  if (is_kept && !WriteAllAt(file_, buffer_.get(), used_, file_end_)) {
    Fail("The operation log cannot be written", errno);
    is_kept = false;
  }
  if (is_kept) {
    chunks_.push_back(chunk);
    kept_bytes_ += used_;
    file_end_ += used_;
    while (kept_bytes_ > limit_bytes_ && chunks_.size() > 1) DropFirst();
  } else {
    chunks_.clear();
    kept_bytes_ = 0;
  }
  used_ = 0;
}

void OpSpool::DropFirst() {
  if (chunks_.empty()) {
    used_ = 0;
    return;
  }
  const Chunk& oldest = chunks_.front();
  kept_bytes_ -= oldest.bytes;
  if (chunks_.size() == 1) {
    // Nothing of the file is needed any more.
    file_end_ = 0;
    (void)!ftruncate(file_, 0);
  } else {
    // Where the file system cannot punch holes the file grows on, which Read does not notice.
    (void)fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(oldest.offset), oldest.bytes);
  }
  chunks_.pop_front();
}

void OpSpool::Clear() {
  if (file_ >= 0) close(file_);
  file_ = -1;
  file_end_ = 0;
  chunks_.clear();
  kept_bytes_ = 0;
  used_ = 0;
  buffer_.reset();
}

Status OpSpool::Read(uint64_t seq, std::vector<uint8_t>* bytes, uint64_t* first) const {
  if (chunks_.empty() || (used_ > 0 && seq >= buffer_first_)) {
    bytes->assign(buffer_.get(), buffer_.get() + used_);
    *first = buffer_first_;
    return Status::Ok();
  }
  auto found = std::upper_bound(chunks_.begin(), chunks_.end(), seq,
                                [](uint64_t at, const Chunk& chunk) { return at < chunk.first; });
  if (found != chunks_.begin()) --found;
  bytes->resize(found->bytes);
  *first = found->first;
  if (ReadAllAt(file_, bytes->data(), bytes->size(), found->offset)) return Status::Ok();
  return Status::Error("OPLOG_READ", "The operation log cannot be read", errno);
}

uint64_t OpSpool::First(uint64_t next) const {
  if (!chunks_.empty()) return chunks_.front().first;
  return used_ > 0 ? buffer_first_ : next;
}

}  // namespace wasmsh::oplog
