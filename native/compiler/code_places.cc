#include "compiler/code_places.h"

#include <llvm/Support/LEB128.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace wasmsh::compiler {
namespace {

/** Reads numbers until something is wrong, and zeros from then on. */
class Reader {
 public:
  Reader(const std::vector<uint8_t>& bytes, size_t from, size_t to)
      : start_(bytes.data()), at_(start_ + from), end_(start_ + to) {}

  uint64_t Unsigned() { return Take<uint64_t>(llvm::decodeULEB128); }
  int64_t Signed() { return Take<int64_t>(llvm::decodeSLEB128); }
  void Skip(uint64_t bytes) {
    if (bytes > size_t(end_ - at_)) {
      ok_ = false;
    } else {
      at_ += bytes;
    }
  }
  size_t position() const { return size_t(at_ - start_); }
  bool at_end() const { return !ok_ || at_ == end_; }
  bool ok() const { return ok_; }

 private:
  template <typename Number, typename Decode>
  Number Take(Decode decode) {
    const char* error = nullptr;
    unsigned length = 0;
    const Number number = ok_ ? decode(at_, &length, end_, &error) : 0;
    if (!ok_ || error != nullptr) {
      ok_ = false;
      return 0;
    }
    at_ += length;
    return number;
  }

  const uint8_t* const start_;
  const uint8_t* at_;
  const uint8_t* const end_;
  bool ok_ = true;
};

}  // namespace

Status CodePlaces::Read(const std::string& path, CodePlaces* places) {
  std::ifstream file(path, std::ios::binary);
  if (file) places->bytes_.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || file.bad()) return Status::Error("COMPILE_PLACES", path + " cannot be read");
  Reader reader(places->bytes_, 0, places->bytes_.size());
  for (uint64_t left = reader.Unsigned(); left > 0 && reader.ok(); --left) {
    const auto original = static_cast<uint32_t>(reader.Unsigned());
    const uint64_t length = reader.Unsigned();
    const size_t from = reader.position();
    reader.Skip(length);
    places->functions_.push_back({original, from, reader.position()});
  }
  if (reader.ok() && reader.at_end()) return Status::Ok();
  return Status::Error("COMPILE_PLACES", path + " is damaged");
}

std::optional<uint32_t> CodePlaces::OriginalFunction(uint32_t built) const {
  const uint32_t found = functions_[built].original_or_zero;
  return found == 0 ? std::nullopt : std::optional<uint32_t>(found - 1);
}

uint32_t CodePlaces::OriginalPc(uint32_t built, uint32_t offset) {
  if (decoded_ != built) Decode(built);
  const auto behind =
      std::upper_bound(marks_.begin(), marks_.end(), offset,
                       [](uint32_t value, const Mark& mark) { return value < mark.offset; });
  if (behind == marks_.begin()) return 0;
  const Mark& mark = *std::prev(behind);
  return mark.is_run ? mark.pc + (offset - mark.offset) : mark.pc;
}

void CodePlaces::Decode(uint32_t built) {
  decoded_ = built;
  marks_.clear();
  Reader reader(bytes_, functions_[built].from, functions_[built].to);
  Mark mark = {};
  while (!reader.at_end()) {
    const uint64_t step = reader.Unsigned();
    mark.offset += static_cast<uint32_t>(step >> 1);
    mark.is_run = (step & 1) != 0;
    mark.pc += static_cast<uint32_t>(reader.Signed());
    marks_.push_back(mark);
  }
}

}  // namespace wasmsh::compiler
