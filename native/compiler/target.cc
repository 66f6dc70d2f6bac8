#include "compiler/target.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

#include <map>

namespace wasmsh::compiler {
namespace {

std::string HostFeatures() {
  std::map<std::string, bool> sorted;
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
    sorted[feature.getKey().str()] = feature.getValue();
  }
  std::string list;
  for (const auto& [name, has] : sorted) {
    if (!list.empty()) list += ',';
    list += (has ? '+' : '-') + name;
  }
  return list;
}

/** WAMR's and LLVM's name of an architecture, and the CPU that every machine of it can stand in
 * for; nullptr when WAMR's loader cannot load code for it. */
const char* GenericCpu(const std::string& architecture) {
  static constexpr struct {
    const char* architecture;
    const char* cpu;
  } kTargets[] = {{"x86_64", "x86-64-v2"}, {"aarch64", "generic"}, {"riscv64", "generic-rv64"}};
  for (const auto& one : kTargets) {
    if (architecture == one.architecture) return one.cpu;
  }
  return nullptr;
}

}  // namespace

Status FindTarget(const std::string& name, const std::string& cpu, Target* target) {
  const llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  const bool is_native = name == "native";
  target->architecture = is_native ? host.getArchName().str() : name;
  const char* generic = GenericCpu(target->architecture);
  if (generic == nullptr) {
    return Status::Error("COMPILE_TARGET", "WAMR cannot load compiled code for \"" +
                                               target->architecture +
                                               "\"; there are x86_64, aarch64 and riscv64");
  }
  if (!cpu.empty()) {
    target->cpu = cpu;
  } else if (is_native) {
    target->cpu = llvm::sys::getHostCPUName().str();
    target->features = HostFeatures();
  } else {
    target->cpu = generic;
    // What the Linux distributions of that architecture take for granted.
    if (name == "riscv64") target->features = "+m,+a,+f,+d,+c";
  }
  // Linux has it everywhere, and guests' accesses have no alignment that could be relied on.
  // Without it each is several instructions, of which some may reach beyond the guard of the
  // memory.
  if (target->architecture == "riscv64") {
    target->features += target->features.empty() ? "" : ",";
    target->features += "+unaligned-scalar-mem";
  }
  return Status::Ok();
}

}  // namespace wasmsh::compiler
