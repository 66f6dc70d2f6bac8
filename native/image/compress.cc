#include "image/compress.h"

#include <zstd.h>

#include <string>

namespace wasmsh::image {
namespace {

// 128 MiB: what `zstd -d` itself takes without --long; a stream may ask for no more memory.
constexpr int kMaxWindowLog = 27;

}  // namespace

struct Compressor::State {
  ZSTD_CCtx* context = nullptr;
};

Compressor::Compressor(int level) : state_(new State) {
  state_->context = ZSTD_createCCtx();
  if (state_->context == nullptr) return;
  // Neither can fail: the level is clamped by zstd.
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_checksumFlag, 1);
}

Compressor::~Compressor() { ZSTD_freeCCtx(state_->context); }

Status Compressor::Write(const uint8_t* bytes, size_t size, std::vector<uint8_t>* out) {
  return Run(bytes, size, false, out);
}

Status Compressor::Finish(std::vector<uint8_t>* out) { return Run(nullptr, 0, true, out); }

Status Compressor::Run(const uint8_t* bytes, size_t size, bool end, std::vector<uint8_t>* out) {
  if (state_->context == nullptr) {
    return Status::Error("INTERNAL", "Out of memory for compression");
  }
  ZSTD_inBuffer input = {bytes, size, 0};
  const ZSTD_EndDirective directive = end ? ZSTD_e_end : ZSTD_e_continue;
  for (;;) {
    const size_t before = out->size();
    out->resize(before + ZSTD_CStreamOutSize());
    ZSTD_outBuffer output = {out->data() + before, out->size() - before, 0};
    const size_t left = ZSTD_compressStream2(state_->context, &output, &input, directive);
    out->resize(before + output.pos);
    if (ZSTD_isError(left)) {
      return Status::Error("INTERNAL",
                           std::string("Compression failed: ") + ZSTD_getErrorName(left));
    }
    if (end ? left == 0 : input.pos == input.size) return Status::Ok();
  }
}

struct Decompressor::State {
  ZSTD_DCtx* context = nullptr;
  uint64_t limit = 0;
  uint64_t produced = 0;
  std::vector<uint8_t> input;  // not used up yet, from `used` on
  size_t used = 0;
  bool output_waits = false;  // zstd holds output that did not fit
  bool in_frame = false;
  bool any_frame = false;

  /** Appends input; drops what is used up, but not so often that moving the rest would cost. */
  void Take(const uint8_t* bytes, size_t size) {
    if (used >= input.size() - used) {
      input.erase(input.begin(), input.begin() + static_cast<ptrdiff_t>(used));
      used = 0;
    }
    if (size > 0) input.insert(input.end(), bytes, bytes + size);
  }
};

Decompressor::Decompressor(uint64_t limit_bytes) : state_(new State) {
  state_->limit = limit_bytes;
  state_->context = ZSTD_createDCtx();
  if (state_->context == nullptr) return;
  ZSTD_DCtx_setParameter(state_->context, ZSTD_d_windowLogMax, kMaxWindowLog);
}

Decompressor::~Decompressor() { ZSTD_freeDCtx(state_->context); }

bool Decompressor::pending() const {
  return state_->output_waits || state_->used < state_->input.size();
}

Status Decompressor::Write(const uint8_t* bytes, size_t size, std::vector<uint8_t>* out) {
  State& state = *state_;
  if (state.context == nullptr) {
    return Status::Error("INTERNAL", "Out of memory for decompression");
  }
  state.Take(bytes, size);
  const size_t before = out->size();
  out->resize(before + kStepBytes);
  ZSTD_outBuffer output = {out->data() + before, kStepBytes, 0};
  ZSTD_inBuffer input = {state.input.data(), state.input.size(), state.used};
  Status status = Status::Ok();
  while (output.pos < output.size && (input.pos < input.size || state.output_waits)) {
    const size_t hint = ZSTD_decompressStream(state.context, &output, &input);
    if (ZSTD_isError(hint)) {
      status = Status::Error("SNAPSHOT_CORRUPT",
                             std::string("Not a whole zstd stream: ") + ZSTD_getErrorName(hint));
      break;
    }
    state.in_frame = hint != 0;
    state.any_frame = true;
    state.output_waits = state.in_frame && output.pos == output.size;
  }
  state.used = input.pos;
  out->resize(before + output.pos);
  state.produced += output.pos;
  if (status.ok() && state.produced > state.limit) {
    status = Status::Error("SNAPSHOT_TOO_LARGE",
                           "Decompresses to more than " + std::to_string(state.limit) + " bytes");
  }
  if (!status.ok()) out->resize(before);
  return status;
}

Status Decompressor::Finish() {
  if (pending()) return Status::Error("INTERNAL", "Decompressed output was left behind");
  if (state_->in_frame || !state_->any_frame) {
    return Status::Error("SNAPSHOT_CORRUPT", "The zstd stream ends too early");
  }
  return Status::Ok();
}

}  // namespace wasmsh::image
