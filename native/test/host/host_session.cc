#include "host/host_session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "host/stored_files.h"
#include "host/twin_request.h"

namespace wasmsh::test_host {
namespace {

using engine::Event;

constexpr uint64_t kDefaultClockStepNs = 1000;

std::string Quote(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + "\"";
}

std::string NumberOrNull(const std::optional<uint64_t>& number) {
  return number ? "\"" + std::to_string(*number) + "\"" : "null";
}

}  // namespace

Status HostSession::Open(const Options& options, std::unique_ptr<HostSession>* out) {
  auto session = std::unique_ptr<HostSession>(new HostSession(options));
  HostSession* self = session.get();
  self->engine_ = engine::Engine::Open([self](Event event) {
    // What is of interest; no plugin is here that guests could ask.
    if (event.kind == Event::Kind::kStarted || event.kind == Event::Kind::kChanges ||
        event.kind == Event::Kind::kRequest) {
      return;
    }
    std::lock_guard<std::mutex> lock(self->mutex_);
    self->news_.push_back(std::move(event));
    self->has_news_.notify_all();
  });
  auto bytes = std::make_shared<std::vector<uint8_t>>();
  if (Status s = ReadWholeFile(options.module, bytes.get()); !s.ok()) return s;
  Status loaded = self->engine_->Load(options.sha256, std::move(bytes), &self->module_);
  if (loaded.ok() && !options.compiled.empty()) {
    loaded = LoadCompiled(options.compiled, self->engine_, &self->compiled_);
  }
  if (!loaded.ok()) return loaded;
  *out = std::move(session);
  return Status::Ok();
}

HostSession::~HostSession() {
  compiled_ = nullptr;
  module_ = nullptr;
  // Guests that are left close their streams, which the pumps wait for.
  if (engine_ != nullptr) engine_->Stop();
}

Status HostSession::GuestOptionsOf(size_t n, engine::GuestOptions* out) {
  for (const auto& [host, guest] : options_.directories)
    out->host.preopens.push_back({guest, host});
  out->stack_bytes = options_.stack_bytes;
  out->compiled = compiled_;
  out->awaits_twins = options_.asks_twins;
  // Parked at first, it is told how far to go.
  out->paused = steps_ || options_.pauses > 0 || !options_.pause_at.empty();
  if (n < options_.recover.size()) {
    if (Status s = ReadSnapshot(options_.recover[n].directory, &out->recovery); !s.ok()) return s;
    const view::Environment& environment = out->recovery->view.environment;
    out->host.deterministic = environment.deterministic;
    out->host.realtime_base_ns = environment.realtime_base_ns;
    out->host.clock_step_ns = environment.clock_step_ns;
  } else {
    if (n < options_.entries.size()) out->entry = options_.entries[n];
    out->host.arguments = options_.arguments;
    out->host.environment = options_.environment;
    out->host.deterministic = options_.deterministic;
    out->host.clock_step_ns = kDefaultClockStepNs;
  }
  if (Status s = OpenInput(out); !s.ok()) return s;
  return OpenOutputs(n, out);
}

/** A file goes on where the snapshot says. */
Status HostSession::OpenInput(engine::GuestOptions* out) const {
  const std::string path = options_.input.empty() ? "/dev/null" : options_.input;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Status::Error("STORE_READ", "Cannot open " + path, errno);
  out->host.streams[0] = {fd, options_.input.empty() ? "null" : "file"};
  if (!out->recovery) return Status::Ok();
  for (const view::Descriptor& one : out->recovery->view.descriptors) {
    if (one.kind == "stdin" && one.stream == "file") lseek(fd, off_t(one.offset), SEEK_SET);
  }
  return Status::Ok();
}

Status HostSession::OpenOutputs(size_t n, engine::GuestOptions* out) {
  static const char* const names[] = {"stdout", "stderr"};
  if (!options_.output.empty()) mkdir(options_.output.c_str(), 0700);
  for (int i = 0; i < 2; i++) {
    std::string path = options_.output;
    if (!path.empty()) path += "/" + std::to_string(n) + "." + names[i];
    if (Status s = OutputPump::Open(path, i + 1, &outputs_[i]); !s.ok()) return s;
    out->host.streams[i + 1] = {outputs_[i]->TakeWriteEnd(), "pipe"};
  }
  return Status::Ok();
}

Status HostSession::Run(size_t n, std::string* report) {
  steps_ = n < options_.recover.size() ? options_.recover[n].steps : std::nullopt;
  next_position_ = 0;
  pauses_left_ = options_.pauses;
  is_recovered_ = n < options_.recover.size();
  crossings_ = 0;
  taken_.clear();
  engine::GuestOptions options;
  if (Status s = GuestOptionsOf(n, &options); !s.ok()) return s;
  uint32_t guest = 0;
  if (Status s = engine_->Start(module_, std::move(options), &guest); !s.ok()) return s;
  if (Status s = Drive(guest, report); !s.ok()) return s;
  for (auto& output : outputs_) output = nullptr;  // all of it is in the files
  return Status::Ok();
}

Status HostSession::Drive(uint32_t guest, std::string* report) {
  std::string trap = "null", trap_function = "null", trap_pc = "null";
  for (;;) {
    const Event event = Next();
    if (event.guest != guest) continue;
    if (event.kind == Event::Kind::kFailed) return event.error;
    if (event.kind == Event::Kind::kParked) {
      if (event.park == engine::ParkKind::kTrap) {
        trap = Quote(event.trap.reason);
        if (event.trap.function) trap_function = std::to_string(*event.trap.function);
        if (event.trap.pc) trap_pc = std::to_string(*event.trap.pc);
      }
      if (Status s = AtPause(guest, event.park); !s.ok()) return s;
      continue;
    }
    if (event.kind == Event::Kind::kTwins) {
      if (Status s = OfferTwins(guest, event.frames); !s.ok()) return s;
      continue;
    }
    if (event.kind == Event::Kind::kCrossed) {
      crossings_++;
      PauseLater(guest);
      continue;
    }
    const bool has_ended = event.kind == Event::Kind::kEnded;
    *report = "{\"hasEnded\":" + std::string(has_ended ? "true" : "false") +
              ",\"exitCode\":" + std::to_string(event.exit_code) + ",\"trap\":" + trap +
              ",\"trapFunction\":" + trap_function + ",\"trapPc\":" + trap_pc +
              ",\"position\":" + NumberOrNull(has_ended ? event.position : std::nullopt) +
              ",\"crossings\":" + std::to_string(crossings_) + ",\"snapshots\":[" + taken_ + "]}";
    return Status::Ok();
  }
}

Status HostSession::AtPause(uint32_t guest, engine::ParkKind why) {
  if (why == engine::ParkKind::kEntry) {
    return steps_ ? engine_->Find(guest)->Step(*steps_) : GoOn(guest);
  }
  const bool is_trap = why == engine::ParkKind::kTrap;
  // A trap in compiled code leaves nothing to be stored.
  const bool has_frames = !is_trap || engine_->Find(guest)->Info().frame_count > 0;
  if (!options_.snapshots.empty() && has_frames) {
    if (Status s = Store(guest); !s.ok()) return s;
  }
  if (!is_trap) return GoOn(guest);
  engine_->Kill(guest);
  return Status::Ok();
}

Status HostSession::Store(uint32_t guest) {
  engine::SnapshotJob job;
  job.directory = options_.snapshots + "/" + std::to_string(snapshots_);
  job.sync = false;
  job.token = job.directory;
  mkdir(options_.snapshots.c_str(), 0700);
  if (mkdir(job.directory.c_str(), 0700) != 0) {
    return Status::Error("STORE_WRITE", "Cannot make the directory " + job.directory, errno);
  }
  engine::SnapshotResult result;
  if (Status s = engine_->Snapshot(guest, job, &result); !s.ok()) return s;
  const engine::GuestInfo info = engine_->Find(guest)->Info();
  taken_ += std::string(taken_.empty() ? "" : ",") + "{\"directory\":" + Quote(job.directory) +
            ",\"position\":" + NumberOrNull(info.position) +
            ",\"stdoutBytes\":" + std::to_string(info.stdout_bytes) +
            ",\"stderrBytes\":" + std::to_string(info.stderr_bytes) + "}";
  snapshots_++;
  return Status::Ok();
}

Status HostSession::GoOn(uint32_t guest) {
  const uint64_t position = engine_->Find(guest)->Info().position.value_or(0);
  for (; next_position_ < options_.pause_at.size(); next_position_++) {
    const uint64_t next = options_.pause_at[next_position_];
    if (next > position) return engine_->Find(guest)->Resume(next);
  }
  if (pauses_left_ == 0 && options_.stop_there) {
    engine_->Kill(guest);
    return Status::Ok();
  }
  Status resumed = engine_->Find(guest)->Resume(std::nullopt);
  // One that is on its way into compiled code is to be paused there.
  const bool crosses = compiled_ && is_recovered_;
  if (resumed.ok() && !crosses) PauseLater(guest);
  return resumed;
}

void HostSession::PauseLater(uint32_t guest) {
  if (pauses_left_ == 0) return;
  pauses_left_--;
  if (!WaitFor(random_() % (2 * options_.pause_after_us + 1))) engine_->Pause({guest});
}

Status HostSession::OfferTwins(uint32_t guest, const std::vector<engine::FramePoint>& frames) {
  std::shared_ptr<const engine::Twins> twins;
  std::string directory;
  if (Status s = RequestTwins(frames, &directory); !s.ok()) return s;
  if (Status s = LoadTwins(directory, engine_, compiled_, &twins); !s.ok()) return s;
  if (const auto found = engine_->Find(guest)) found->Offer(nullptr, std::move(twins));
  return Status::Ok();
}

Event HostSession::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  has_news_.wait(lock, [&] { return !news_.empty(); });
  Event event = std::move(news_.front());
  news_.pop_front();
  return event;
}

bool HostSession::WaitFor(uint64_t us) {
  std::unique_lock<std::mutex> lock(mutex_);
  return has_news_.wait_for(lock, std::chrono::microseconds(us), [&] { return !news_.empty(); });
}

}  // namespace wasmsh::test_host
