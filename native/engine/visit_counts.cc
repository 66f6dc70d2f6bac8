#include "engine/visit_counts.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

namespace wasmsh::engine {

VisitCounts::VisitCounts(std::shared_ptr<LoadedModule> module) : module_(std::move(module)) {
  const wasm::Module& read = module_->module();
  if (read.functions.size() == read.imported_functions) return;
  first_ = read.functions[read.imported_functions].code_start;
  end_ = read.functions.back().code_end;
}

VisitCounts::~VisitCounts() {
  if (counts_ != nullptr) munmap(counts_, Bytes());
}

Status VisitCounts::Create(std::shared_ptr<LoadedModule> module,
                           std::shared_ptr<VisitCounts>* out) {
  auto made = std::shared_ptr<VisitCounts>(new VisitCounts(std::move(module)));
  void* pages = mmap(nullptr, made->Bytes(), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) {
    return Status::Error("INTERNAL", "There is no memory to count visits in", errno);
  }
  made->counts_ = static_cast<uint64_t*>(pages);
  *out = std::move(made);
  return Status::Ok();
}

const uint8_t* VisitCounts::code() const { return module_->interpreted() + first_; }

size_t VisitCounts::Bytes() const {
  // A module without code has a page that nobody uses.
  return std::max<size_t>(end_ - first_, 1) * sizeof(uint64_t);
}

std::vector<Visited> VisitCounts::Read() const {
  std::vector<Visited> visited;
  const wasm::Module& read = module_->module();
  for (uint32_t i = read.imported_functions; i < read.functions.size(); i++) {
    const auto& function = read.functions[i];
    for (uint32_t at = function.code_start; at < function.code_end; at++) {
      const uint64_t count = __atomic_load_n(&counts_[at - first_], __ATOMIC_RELAXED);
      if (count > 0) visited.push_back({i, at - function.code_start, count});
    }
  }
  return visited;
}

}  // namespace wasmsh::engine
