#include "oplog/op_data.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "oplog/nameless_file.h"

namespace wasmsh::oplog {
namespace {

/** What is too old goes in pieces of this size, so that not each op costs a call. */
constexpr uint64_t kDropBytes = 1024 * 1024;

}  // namespace

OpData::OpData(std::vector<std::string> folders, uint64_t limit_bytes)
    : folders_(std::move(folders)), limit_bytes_(limit_bytes) {}

OpData::~OpData() {
  if (file_ >= 0) close(file_);
}

OpDataRange OpData::Reserve(uint64_t length) {
  std::lock_guard<std::mutex> lock(mutex_);
  const OpDataRange range{end_, length};
  end_ += length;
  DropOldest();
  return range;
}

void OpData::DropOldest() {
  if (end_ - first_ <= limit_bytes_ + kDropBytes) return;
  const uint64_t first = end_ - limit_bytes_;
  // Where the file system cannot punch holes the file grows on, which Read does not notice.
  if (file_ >= 0) {
    (void)fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(first_),
                    static_cast<off_t>(first - first_));
  }
  first_ = first;
}

void OpData::Write(uint64_t offset, const uint8_t* bytes, size_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!failure_.ok() || offset < first_) return;
  if (file_ < 0) file_ = OpenNamelessFile(folders_);
  if (file_ < 0 || !WriteAllAt(file_, bytes, size, offset)) Fail(errno);
}

void OpData::Fail(int error) {
  if (!failure_.ok()) return;
  failure_ = Status::Error(
      "OPLOG_WRITE", std::string("The bytes of operations cannot be kept: ") + strerror(error),
      error);
}

Status OpData::Read(const OpDataRange& range, std::vector<uint8_t>* bytes, bool* is_kept) {
  bytes->clear();
  std::lock_guard<std::mutex> lock(mutex_);
  const bool is_known = range.offset <= end_ && range.length <= end_ - range.offset;
  *is_kept = is_known && range.offset >= first_ && failure_.ok();
  if (!*is_kept || range.length == 0) return Status::Ok();
  *is_kept = file_ >= 0;
  if (!*is_kept) return Status::Ok();
  bytes->resize(range.length);
  if (ReadAllAt(file_, bytes->data(), bytes->size(), range.offset)) return Status::Ok();
  bytes->clear();
  return Status::Error("OPLOG_READ", "The bytes of an operation cannot be read", errno);
}

uint64_t OpData::bytes() {
  std::lock_guard<std::mutex> lock(mutex_);
  return file_ < 0 ? 0 : end_ - first_;
}

Status OpData::failure() {
  std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

void OpData::Clear() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (file_ >= 0) close(file_);
  file_ = -1;
  first_ = end_;
}

}  // namespace wasmsh::oplog
