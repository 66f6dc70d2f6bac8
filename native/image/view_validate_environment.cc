#include <algorithm>

#include "image/view_validate.h"

namespace wasmsh::view {
namespace {

constexpr uint16_t kKnownFdflags = 0x1f;  // append, dsync, nonblock, rsync, sync

bool HasNul(const std::string& text) { return text.find('\0') != std::string::npos; }

bool IsOneOf(const std::string& text, std::initializer_list<const char*> choices) {
  return std::any_of(choices.begin(), choices.end(),
                     [&text](const char* choice) { return text == choice; });
}

/** Whether a path stays below its start however it goes on: not absolute, never above by "..". */
bool StaysBelow(const std::string& path) {
  if (!path.empty() && path[0] == '/') return false;
  int depth = 0;
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == "..") --depth;
    if (!part.empty() && part != "." && part != "..") ++depth;
    if (depth < 0) return false;
    at = end + 1;
  }
  return true;
}

Status CheckDescriptor(const Descriptor& descriptor, const std::string& place) {
  const bool stream = IsOneOf(descriptor.kind, {"stdin", "stdout", "stderr"});
  const bool below = IsOneOf(descriptor.kind, {"file", "directory"});
  const bool provided = descriptor.kind == "provided";
  const bool resource = descriptor.kind == "resource";
  if (!stream && !below && !provided && !resource && descriptor.kind != "preopen") {
    return Invalid(place, "is of a kind that this wasmsh does not know");
  }
  if (stream && !IsOneOf(descriptor.stream, {"terminal", "pipe", "file", "null"})) {
    return Invalid(place, "is connected in a way that this wasmsh does not know");
  }
  if (below && !IsOneOf(descriptor.stream, {"", kNameless})) {
    return Invalid(place, "is marked in a way that this wasmsh does not know");
  }
  if (provided && (descriptor.stream.empty() || descriptor.offset > UINT32_MAX)) {
    return Invalid(place, "is no file of a plugin");
  }
  if (resource && !IsOneOf(descriptor.guest_path, {"", "stdin", "stdout", "stderr"})) {
    return Invalid(place, "stands for a stream that this wasmsh does not know");
  }
  if (HasNul(descriptor.guest_path)) return Invalid(place, "has a path with a zero byte in it");
  if (below && !StaysBelow(descriptor.guest_path)) {
    return Invalid(place, "has a path that leaves its preopened directory");
  }
  if ((descriptor.fdflags & ~kKnownFdflags) != 0) {
    return Invalid(place, "has flags that WASI does not define");
  }
  if (descriptor.offset > INT64_MAX) return Invalid(place, "has an offset beyond any file");
  return Status::Ok();
}

}  // namespace

Status CheckEnvironment(const View& view, const wasm::Module& module) {
  const Environment& environment = view.environment;
  for (const auto* list : {&environment.arguments, &environment.environment}) {
    if (std::any_of(list->begin(), list->end(), HasNul)) {
      return Invalid("the environment", "has an argument or variable with a zero byte in it");
    }
  }
  // Without an entry, only the start function runs.
  if (environment.entry_export.empty()) return Status::Ok();
  const wasm::Export* entry =
      module.FindExport(environment.entry_export, wasm::ExternalKind::kFunction);
  if (entry == nullptr) {
    return Invalid("the environment", "names an entry export that is no function of the module");
  }
  return CheckValues(module, environment.entry_arguments, module.TypeOf(entry->index).params,
                     "argument", false, "the entry export");
}

Status CheckDescriptors(const View& view) {
  std::vector<uint32_t> numbers;
  for (const Descriptor& descriptor : view.descriptors) {
    numbers.push_back(descriptor.fd);
    Status status = CheckDescriptor(descriptor, "descriptor " + std::to_string(descriptor.fd));
    if (!status.ok()) return status;
  }
  std::sort(numbers.begin(), numbers.end());
  if (std::adjacent_find(numbers.begin(), numbers.end()) != numbers.end()) {
    return Invalid("the state", "has one descriptor number twice");
  }
  return Status::Ok();
}

}  // namespace wasmsh::view
