#ifndef WASMSH_IMAGE_PARALLEL_H_
#define WASMSH_IMAGE_PARALLEL_H_

#include <cstdint>
#include <functional>

#include "status.h"

namespace wasmsh::image {

constexpr uint32_t kMaxWorkers = 2;

/**
 * Calls `work(unit, worker)` for each unit in [0, units), in about ascending order, on the calling
 * thread (worker 0) and at most one thread more (worker 1), which takes no signals. After a failure
 * no further unit is begun; returns the first failure.
 */
Status ForEachUnit(uint64_t units,
                   const std::function<Status(uint64_t unit, uint32_t worker)>& work);

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_PARALLEL_H_
