#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "image/block_pages.h"
#include "image/file.h"
#include "image/hash.h"
#include "image/memory_image.h"
#include "image/parallel.h"
#include "image/stored_memory.h"

namespace wasmsh::image {
namespace {

// What one worker reads, hashes and writes at a time: stays in the CPU's cache in between.
constexpr uint64_t kUnitBlocks = 4;

// Two runs of pages in the own image that only so many zero pages part become one extent: the file
// has a hole between them, which reads as zero too, and one mapping is cheaper than two.
constexpr uint64_t kJoinedGapBytes = kBlockBytes - kPageBytes;

const uint8_t kZeroPage[kPageBytes] = {};

/** Where the pages of one block are found; pages in neither are zero. */
struct BlockPlace {
  BlockPages own = 0;        // in the image being written
  BlockPages inherited = 0;  // as in the parent
};

/** Bytes that are to be written in one go. */
struct PendingRun {
  uint64_t offset = 0;
  uint64_t length = 0;
  const uint8_t* from = nullptr;
};

/** Grows a sorted list of extents, joining neighbours. */
class ExtentList {
 public:
  explicit ExtentList(std::vector<Extent>* extents) : extents_(extents) {}

  void Add(uint64_t offset, uint64_t length, uint32_t image) {
    if (!extents_->empty()) {
      Extent& last = extents_->back();
      const uint64_t gap = offset - (last.offset + last.length);
      if (last.image == image && gap <= (image == 0 ? kJoinedGapBytes : 0)) {
        last.length = offset + length - last.offset;
        return;
      }
    }
    extents_->push_back({offset, length, image});
  }

 private:
  std::vector<Extent>* extents_;
};

class ImageWriter {
 public:
  ImageWriter(const MemoryReader& read, uint64_t memory_bytes, const WriteOptions& options,
              MemoryImage* out)
      : read_(read), options_(options), out_(out), blocks_(memory_bytes / kBlockBytes) {
    out_->bytes = memory_bytes;
    out_->extents.clear();
    const std::vector<uint8_t> zeros(kBlockBytes, 0);
    zero_hash_ = HashBytes(zeros.data(), zeros.size());
    out_->block_hashes.assign(blocks_, zero_hash_);
    places_.resize(blocks_);
    for (std::vector<uint8_t>& buffer : buffers_) buffer.resize(kUnitBlocks * kBlockBytes);
  }

  Status Write() {
    Status created = file_.Create(options_.path);
    if (!created.ok()) return created;
    Status written = WriteContents();
    if (!written.ok()) {
      unlink(options_.path.c_str());
      return written;
    }
    DescribeExtents();
    return Status::Ok();
  }

 private:
  Status WriteContents() {
    Status status = file_.Truncate(out_->bytes);
    if (!status.ok()) return status;
    status = ForEachUnit((blocks_ + kUnitBlocks - 1) / kUnitBlocks,
                         [this](uint64_t unit, uint32_t worker) { return Unit(unit, worker); });
    // The calling thread may have had no unit to write.
    if (status.ok()) status = Progress(blocks_);
    if (!status.ok()) return status;
    status = file_.SetMode(0400);
    if (status.ok() && options_.sync) status = file_.Sync();
    if (!status.ok()) return status;
    return file_.Close();
  }

  Status Progress(uint64_t done_blocks) const {
    if (!options_.progress || options_.progress(done_blocks * kBlockBytes)) return Status::Ok();
    return Status::Error("CANCELLED", "Writing the memory was cancelled");
  }

  Status Unit(uint64_t unit, uint32_t worker) {
    const uint64_t first = unit * kUnitBlocks;
    const uint64_t last = std::min(first + kUnitBlocks, blocks_);
    if (worker == 0) {  // `progress` may belong to the caller's thread
      const Status status = Progress(first);
      if (!status.ok()) return status;
    }
    PendingRun run;
    for (uint64_t block = first; block < last; ++block) {
      const uint8_t* contents = buffers_[worker].data() + (block - first) * kBlockBytes;
      Status status = Block(block, &contents);
      if (status.ok()) status = WriteOwnPages(block, contents, &run);
      if (!status.ok()) return status;
    }
    return WriteRun(&run);
  }

  /** Pages that may differ from the parent's; all without a parent. */
  BlockPages ChangedPages(uint64_t block) const {
    if (!HasParent(block) || options_.changed.empty()) return kAllPages;
    return PagesOfBlock(options_.changed, block, 0xff);
  }

  bool HasParent(uint64_t block) const {
    return options_.parent != nullptr && block < options_.parent->block_hashes.size();
  }

  /** Reads and hashes one block and decides where its pages are to be found. `*contents` is a
   *  buffer for it at first, and at last where its contents are. */
  Status Block(uint64_t block, const uint8_t** contents) {
    const BlockPages changed = ChangedPages(block);
    if (changed == 0) return Inherit(block);
    const BlockPages touched =
        options_.touched.empty() ? kAllPages : PagesOfBlock(options_.touched, block, 0xff);
    // Unchanged pages only matter for the checksum; what the parent has of them must count even if
    // they seem untouched.
    const BlockPages needed = touched | static_cast<BlockPages>(~changed);
    if (needed == 0) return Status::Ok();  // zero: as the constructor left it
    Status read = ReadPages(block, needed, contents);
    if (!read.ok()) return read;
    const Hash128 hash = HashBytes(*contents, kBlockBytes);
    if (HasParent(block) && hash == options_.parent->block_hashes[block]) return Inherit(block);
    out_->block_hashes[block] = hash;
    BlockPlace& place = places_[block];
    place.inherited = static_cast<BlockPages>(~changed);
    for (uint32_t page = 0; page < kPagesPerBlock; ++page) {
      const BlockPages bit = static_cast<BlockPages>(1u << page);
      if ((changed & needed & bit) == 0) continue;
      const bool is_zero = std::memcmp(*contents + page * kPageBytes, kZeroPage, kPageBytes) == 0;
      if (!is_zero) place.own |= bit;
    }
    return Status::Ok();
  }

  Status Inherit(uint64_t block) {
    out_->block_hashes[block] = options_.parent->block_hashes[block];
    places_[block].inherited = kAllPages;
    return Status::Ok();
  }

  /** Points `*contents` at the block in the guest's memory when all of it can be read there; else
   *  fills the buffer. */
  Status ReadPages(uint64_t block, BlockPages needed, const uint8_t** contents) const {
    const uint64_t start = block * kBlockBytes;
    const BlockPages in_place =
        options_.memory == nullptr ? BlockPages{0} : PagesOfBlock(options_.in_place, block, 0);
    if (in_place == kAllPages) {
      *contents = options_.memory + start;
      return Status::Ok();
    }
    // SAFETY: the buffer is this worker's own; it is const for those who only read the contents.
    uint8_t* const buffer = const_cast<uint8_t*>(*contents);
    if (needed != kAllPages) std::memset(buffer, 0, kBlockBytes);
    ForEachRun(needed & in_place, [&](uint32_t first, uint32_t end) {
      const uint64_t at = first * kPageBytes;
      std::memcpy(buffer + at, options_.memory + start + at, (end - first) * kPageBytes);
      return true;
    });
    const BlockPages asked = static_cast<BlockPages>(needed & ~in_place);
    const bool complete = ForEachRun(asked, [&](uint32_t first, uint32_t end) {
      const uint64_t at = first * kPageBytes;
      return read_(start + at, (end - first) * kPageBytes, buffer + at);
    });
    if (complete) return Status::Ok();
    return Status::Error("GUEST_MEMORY_LOST", "The guest's memory at address " +
                                                  std::to_string(start) + " cannot be read");
  }

  /** Writes the own pages of a block, except for a last run that the next block may go on with. */
  Status WriteOwnPages(uint64_t block, const uint8_t* contents, PendingRun* run) const {
    Status status = Status::Ok();
    ForEachRun(places_[block].own, [&](uint32_t first, uint32_t end) {
      const uint64_t offset = block * kBlockBytes + first * kPageBytes;
      const uint8_t* const from = contents + first * kPageBytes;
      if (offset != run->offset + run->length || from != run->from + run->length) {
        status = WriteRun(run);
        *run = {offset, 0, from};
      }
      run->length += (end - first) * kPageBytes;
      return status.ok();
    });
    return status;
  }

  Status WriteRun(PendingRun* run) const {
    const PendingRun whole = *run;
    *run = {};
    if (whole.length == 0) return Status::Ok();
    return file_.WriteAt(whole.offset, whole.from, whole.length);
  }

  void DescribeExtents() {
    ExtentList list(&out_->extents);
    for (uint64_t block = 0; block < blocks_; ++block) {
      const BlockPlace place = places_[block];
      if (place.inherited == kAllPages) {
        AddInherited(block * kBlockBytes, (block + 1) * kBlockBytes, &list);
        continue;
      }
      for (uint32_t page = 0; page < kPagesPerBlock; ++page) {
        const uint64_t offset = block * kBlockBytes + page * kPageBytes;
        if ((place.own >> page & 1) != 0) list.Add(offset, kPageBytes, 0);
        if ((place.inherited >> page & 1) != 0) AddInherited(offset, offset + kPageBytes, &list);
      }
    }
  }

  /** Adds the parent's extents, cut to a range; ranges must ascend. */
  void AddInherited(uint64_t begin, uint64_t end, ExtentList* list) {
    const std::vector<Extent>& extents = options_.parent->extents;
    while (parent_cursor_ < extents.size() &&
           extents[parent_cursor_].offset + extents[parent_cursor_].length <= begin) {
      ++parent_cursor_;
    }
    for (size_t i = parent_cursor_; i < extents.size() && extents[i].offset < end; ++i) {
      const uint64_t from = std::max(begin, extents[i].offset);
      const uint64_t to = std::min(end, extents[i].offset + extents[i].length);
      list->Add(from, to - from, extents[i].image + 1);
    }
  }

  const MemoryReader& read_;
  const WriteOptions& options_;
  MemoryImage* const out_;
  const uint64_t blocks_;
  Hash128 zero_hash_;
  std::vector<BlockPlace> places_;
  std::vector<uint8_t> buffers_[kMaxWorkers];
  File file_;
  size_t parent_cursor_ = 0;
};

}  // namespace

Status WriteImage(const MemoryReader& read, uint64_t memory_bytes, const WriteOptions& options,
                  MemoryImage* out) {
  if (memory_bytes % kBlockBytes != 0 || memory_bytes > kMaxMemoryBytes) {
    return Status::Error("INTERNAL",
                         "A memory cannot have " + std::to_string(memory_bytes) + " bytes");
  }
  if (options.parent != nullptr) {
    Status checked = CheckImage(*options.parent, UINT32_MAX - 1);
    if (!checked.ok()) return checked;
  }
  ScopedFileSizeSignalBlock no_signal;
  return ImageWriter(read, memory_bytes, options, out).Write();
}

}  // namespace wasmsh::image
