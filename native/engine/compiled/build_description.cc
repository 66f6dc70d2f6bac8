#include "engine/compiled/build_description.h"

namespace wasmsh::engine {

uint32_t BuildDescription::OriginalFunction(uint32_t built) const {
  if (built < imported_functions) return built;
  const uint32_t first_stub = functions + added_imports;
  return built < first_stub ? built - added_imports : built - first_stub;
}

uint32_t BuildDescription::BuiltFunction(uint32_t original) const {
  return original + added_imports + (original < imported_functions ? functions : 0);
}

}  // namespace wasmsh::engine
