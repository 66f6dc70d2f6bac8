#include "engine/wasm_stack.h"

#include <sys/mman.h>

#include <algorithm>

namespace wasmsh::engine {

namespace {

/** WAMR has the sizes of stacks, and distances in them, in 32 bits. */
constexpr uint64_t kMostBytes = uint64_t{1} << 31;

/** What frames have left behind is given back when it is more than this. */
constexpr size_t kKeptBytes = 1 << 20;

}  // namespace

WasmStack::~WasmStack() {
  if (mapped_) munmap(mapped_, mapped_size_);
}

void WasmStack::Begin(WASMExecEnv* exec_env) {
  exec_env_ = exec_env;
  begin_ = exec_env->wasm_stack.top;
  bottom_ = exec_env->wasm_stack.bottom;
  own_size_ = exec_env->wasm_stack_size;
}

void WasmStack::Empty() {
  if (mapped_ && exec_env_->wasm_stack.bottom == mapped_) {
    const size_t used = size_t(exec_env_->wasm_stack.top - exec_env_->wasm_stack.bottom);
    if (used > kKeptBytes) madvise(mapped_, mapped_size_, MADV_DONTNEED);
  }
  Use(bottom_, begin_, own_size_);
}

bool WasmStack::Have(uint64_t bytes) {
  Empty();
  bytes = std::min(bytes, kMostBytes);
  if (bytes <= own_size_) return true;
  if (bytes > mapped_size_) {
    if (mapped_) munmap(mapped_, mapped_size_);
    mapped_size_ = 0;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    mapped_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (mapped_ == MAP_FAILED) {
      mapped_ = nullptr;
      return false;
    }
    mapped_size_ = uint32_t(bytes);
  }
  auto* bottom = static_cast<uint8_t*>(mapped_);
  Use(bottom, bottom, mapped_size_);
  return true;
}

bool WasmStack::Widen() {
  const uint64_t size = exec_env_->wasm_stack_size;
  return size < kMostBytes && Have(4 * size);
}

void WasmStack::Use(uint8_t* bottom, uint8_t* top, uint32_t size) {
  exec_env_->wasm_stack.bottom = bottom;
  exec_env_->wasm_stack.top = top;
  exec_env_->wasm_stack.top_boundary = bottom + size;
  exec_env_->wasm_stack_size = size;
}

}  // namespace wasmsh::engine
