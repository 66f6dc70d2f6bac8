// Writing the native files of a snapshot.

#include <unistd.h>

#include "engine/engine.h"
#include "image/file.h"
#include "platform/linux/memory_source.h"

namespace wasmsh::engine {

namespace {

/** Releases the guest however the snapshot ends, and removes its files unless it succeeded. */
class Transaction {
 public:
  Transaction(std::shared_ptr<Guest> guest, const std::string& directory)
      : guest_(std::move(guest)), directory_(directory) {}
  ~Transaction() {
    if (!committed_) {
      for (const SnapshotFile& file : files_) unlink((directory_ + "/" + file.name).c_str());
    }
    guest_->Release();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /** Names a file before it is created. */
  std::string Path(const std::string& name) {
    files_.push_back({name, 0});
    return directory_ + "/" + name;
  }
  void SetBytes(uint64_t bytes) { files_.back().bytes = bytes; }
  std::vector<SnapshotFile> Commit() {
    committed_ = true;
    return files_;
  }

 private:
  const std::shared_ptr<Guest> guest_;
  const std::string directory_;
  std::vector<SnapshotFile> files_;
  bool committed_ = false;
};

}  // namespace

Status Engine::Snapshot(uint32_t id, const SnapshotJob& job, SnapshotResult* result) {
  std::shared_ptr<Guest> guest = Find(id);
  if (!guest) return Status::Error("GUEST_ENDED", "The guest has ended");
  if (Status s = guest->Hold(); !s.ok()) return s;
  Transaction transaction(guest, job.directory);

  view::View view;
  if (Status s = guest->ReadView(true, &view); !s.ok()) return s;
  if (view.threads[0].frames.empty()) {
    return Status::Error("COMPILED_TRAP",
                         "The guest trapped in compiled code, which leaves no frames to store");
  }
  // What would not be taken back must not be written.
  if (Status s = view::Validate(view, guest->module()->analysis()); !s.ok()) {
    return Status::Error("INTERNAL", "The guest's state does not validate: " + s.message);
  }
  const std::vector<uint8_t> state = view::Encode(view);
  if (Status s = image::WriteWholeFile(transaction.Path("state.bin"), state, job.sync); !s.ok())
    return s;
  transaction.SetBytes(state.size());

  for (uint32_t i = 0; i < view.memories.size(); i++) {
    uint64_t bytes = 0;
    const uint8_t* memory = guest->HeldMemory(i, &bytes);
    const std::string name = "memory-" + std::to_string(i);
    image::WriteOptions options;
    options.path = transaction.Path(name + ".img");
    options.sync = job.sync;
    if (i < job.parent.size()) {
      options.parent = &job.parent[i];
      options.changed = guest->ChangedPagesSince(job.parent_token);
    }
    const image::MemoryReader read = platform::MemorySource(memory, bytes, &options);
    image::MemoryImage written;
    Status s = image::WriteImage(read, bytes, options, &written);
    if (!s.ok()) return s;
    transaction.SetBytes(bytes);

    const std::vector<uint8_t> index = image::EncodeIndex(written);
    s = image::WriteWholeFile(transaction.Path(name + ".idx"), index, job.sync);
    if (!s.ok()) return s;
    transaction.SetBytes(index.size());
    result->memories.push_back(std::move(written));
  }
  result->files = transaction.Commit();
  // The first child compares checksums; from the second on the kernel says what changed.
  guest->SetBase(job.token, !job.parent.empty());
  return Status::Ok();
}

}  // namespace wasmsh::engine
