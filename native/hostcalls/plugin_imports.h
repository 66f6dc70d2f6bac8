#ifndef WASMSH_HOSTCALLS_PLUGIN_IMPORTS_H_
#define WASMSH_HOSTCALLS_PLUGIN_IMPORTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hostcalls/host_call.h"
#include "status.h"

namespace wasmsh::hostcalls {

/** An import that a plugin provides to a guest. */
struct PluginImport {
  std::string module;     // "env"
  std::string name;       // "sensor_read"
  std::string signature;  // in terms of i, I, f and F: "(ii)i"; 16 parameters and a result at most
  uint32_t shape = 0;     // among those of the guest's log
};

/** The imports that plugins provide to one guest, ready to be called. Immutable. */
class PluginImports {
 public:
  explicit PluginImports(std::vector<PluginImport> imports);
  PluginImports(const PluginImports&) = delete;
  PluginImports& operator=(const PluginImports&) = delete;

  /** nullptr when no plugin provides it. */
  const CallSpec* Find(const std::string& module, const std::string& name) const;
  /** Place of one of these specs among the imports. */
  uint32_t PlaceOf(const CallSpec& spec) const { return static_cast<uint32_t>(&spec - &specs_[0]); }

 private:
  const std::vector<PluginImport> imports_;
  std::vector<CallSpec> specs_;  // they point into imports_
};

/**
 * Makes an import known to WAMR, which links a module when it is loaded. Its list belongs to the
 * process, so each name gets one permanent native, which finds the implementation in the guest that
 * calls it; without one the call traps. Engine thread.
 */
Status RegisterImport(const std::string& module, const std::string& name);

/** WAMR has been started anew, with an empty list. Engine thread. */
void ForgetImports();

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_PLUGIN_IMPORTS_H_
