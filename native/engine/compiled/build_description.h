#ifndef WASMSH_ENGINE_COMPILED_BUILD_DESCRIPTION_H_
#define WASMSH_ENGINE_COMPILED_BUILD_DESCRIPTION_H_

#include <cstdint>
#include <vector>

namespace wasmsh::engine {

/** What a build of a suspendable module has at which index (src/core/aot/build-description.ts). */
struct BuildDescription {
  uint32_t functions = 0;           // of the original module
  uint32_t imported_functions = 0;  // among them
  uint32_t added_imports = 0;       // by as much functions with a body have moved
  std::vector<uint32_t> twins;      // functions that the table of twins stands for, ascending
  uint32_t twin_table = 0;          // its index
  uint32_t first_twin = 0;          // where twins begin among the functions of the build
  uint32_t shared_types = 0;        // as many types are those of builds with other twins

  /** The original function behind a reference of the running build. */
  uint32_t OriginalFunction(uint32_t built) const;
  /** What a reference to an original function is in the build: a host function by its stub. */
  uint32_t BuiltFunction(uint32_t original) const;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_BUILD_DESCRIPTION_H_
