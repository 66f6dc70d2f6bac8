#include "host/stored_files.h"

#include <cctype>

#include "image/file.h"

namespace wasmsh::test_host {
namespace {

/** Where the value of a member of a flat JSON object begins, as JSON.stringify writes it. */
size_t ValueOf(const std::string& json, const std::string& member) {
  const std::string key = "\"" + member + "\":";
  const size_t at = json.find(key);
  return at == std::string::npos ? at : at + key.size();
}

bool NumberAt(const std::string& json, size_t at, uint32_t* number) {
  if (at >= json.size() || !isdigit(static_cast<unsigned char>(json[at]))) return false;
  *number = uint32_t(std::stoul(json.substr(at, 10)));
  return true;
}

/** The members of a BuildDescription that the engine needs of a build with all twins. */
Status ParseBuild(const std::string& json, engine::BuildDescription* build) {
  const bool has_numbers =
      NumberAt(json, ValueOf(json, "functions"), &build->functions) &&
      NumberAt(json, ValueOf(json, "importedFunctions"), &build->imported_functions) &&
      NumberAt(json, ValueOf(json, "addedImports"), &build->added_imports) &&
      NumberAt(json, ValueOf(json, "firstTwin"), &build->first_twin);
  size_t at = ValueOf(json, "twins");
  if (!has_numbers || at == std::string::npos || json[at] != '[') {
    return Status::Error("COMPILED_CODE", "build.json is not as the compiler writes it");
  }
  for (uint32_t twin = 0; NumberAt(json, at + 1, &twin);) {
    build->twins.push_back(twin);
    at = json.find_first_of(",]", at + 1);
    if (at == std::string::npos || json[at] == ']') break;
  }
  return Status::Ok();
}

}  // namespace

Status ReadWholeFile(const std::string& path, std::vector<uint8_t>* out) {
  image::File file;
  uint64_t bytes = 0;
  if (Status s = file.OpenForReading(path); !s.ok()) return s;
  if (Status s = file.Size(&bytes); !s.ok()) return s;
  out->resize(bytes);
  return file.ReadAt(0, out->data(), bytes);
}

Status ReadSnapshot(const std::string& directory, std::unique_ptr<engine::Recovery>* out) {
  auto recovery = std::make_unique<engine::Recovery>();
  std::vector<uint8_t> bytes;
  if (Status s = ReadWholeFile(directory + "/state.bin", &bytes); !s.ok()) return s;
  if (Status s = view::Decode(bytes.data(), bytes.size(), &recovery->view); !s.ok()) return s;
  for (size_t i = 0; i < recovery->view.memories.size(); i++) {
    const std::string memory = directory + "/memory-" + std::to_string(i);
    engine::StoredMemory stored;
    if (Status s = ReadWholeFile(memory + ".idx", &bytes); !s.ok()) return s;
    if (Status s = image::DecodeIndex(bytes.data(), bytes.size(), &stored.image); !s.ok()) return s;
    if (Status s = image::CheckImage(stored.image, 1); !s.ok()) return s;
    stored.paths.push_back(memory + ".img");
    recovery->memories.push_back(std::move(stored));
  }
  recovery->token = directory;
  *out = std::move(recovery);
  return Status::Ok();
}

Status LoadCompiled(const std::string& directory, engine::Engine* engine,
                    std::shared_ptr<const engine::CompiledCode>* out) {
  engine::CompiledFiles files;
  std::vector<uint8_t> json;
  if (Status s = ReadWholeFile(directory + "/code.aot", &files.code); !s.ok()) return s;
  if (Status s = ReadWholeFile(directory + "/points.bin", &files.points); !s.ok()) return s;
  if (Status s = ReadWholeFile(directory + "/build.json", &json); !s.ok()) return s;
  engine::BuildDescription build;
  if (Status s = ParseBuild(std::string(json.begin(), json.end()), &build); !s.ok()) return s;
  files.traps = directory + "/traps.bin";
  return engine->LoadCompiled(std::move(files), std::move(build), out);
}

}  // namespace wasmsh::test_host
