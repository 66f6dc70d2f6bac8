#include "host/stored_files.h"

#include <algorithm>
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

Status NotAsWritten() {
  return Status::Error("COMPILED_CODE", "build.json is not as the compiler writes it");
}

/** Reads "[1,2]" from `at` on, and leaves `at` behind it. */
bool NumbersAt(const std::string& json, size_t* at, std::vector<uint32_t>* numbers) {
  if (*at >= json.size() || json[*at] != '[') return false;
  for (uint32_t number = 0; NumberAt(json, ++*at, &number);) {
    numbers->push_back(number);
    *at = std::min(json.find_first_of(",]", *at), json.size());
    if (*at == json.size() || json[*at] == ']') break;
  }
  return *at < json.size() && json[(*at)++] == ']';
}

/** The members of a BuildDescription that the engine needs. */
Status ParseBuild(const std::string& json, engine::BuildDescription* build) {
  size_t twins = ValueOf(json, "twins");
  const bool is_whole =
      NumberAt(json, ValueOf(json, "functions"), &build->functions) &&
      NumberAt(json, ValueOf(json, "importedFunctions"), &build->imported_functions) &&
      NumberAt(json, ValueOf(json, "addedImports"), &build->added_imports) &&
      NumberAt(json, ValueOf(json, "firstTwin"), &build->first_twin) &&
      NumberAt(json, ValueOf(json, "sharedTypes"), &build->shared_types) &&
      NumbersAt(json, &twins, &build->twins);
  // Null without twins.
  NumberAt(json, ValueOf(json, "twinTable"), &build->twin_table);
  return is_whole ? Status::Ok() : NotAsWritten();
}

/** For each twin a list of numbers or null. */
Status ParseTwinPoints(const std::string& json, engine::TwinDescription* description) {
  size_t at = ValueOf(json, "twinPoints");
  for (size_t i = 0; i < description->build.twins.size(); ++i) {
    description->points.emplace_back();
    if (at >= json.size()) return NotAsWritten();
    ++at;  // the bracket or comma in front
    if (json.compare(at, 4, "null") == 0) {
      at += 4;
    } else if (!NumbersAt(json, &at, &description->points.back().emplace())) {
      return NotAsWritten();
    }
  }
  return Status::Ok();
}

Status ReadText(const std::string& path, std::string* out) {
  std::vector<uint8_t> bytes;
  Status status = ReadWholeFile(path, &bytes);
  out->assign(bytes.begin(), bytes.end());
  return status;
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
  std::string json;
  if (Status s = ReadWholeFile(directory + "/code.aot", &files.code); !s.ok()) return s;
  if (Status s = ReadWholeFile(directory + "/points.bin", &files.points); !s.ok()) return s;
  if (Status s = ReadText(directory + "/build.json", &json); !s.ok()) return s;
  engine::BuildDescription build;
  if (Status s = ParseBuild(json, &build); !s.ok()) return s;
  files.traps = directory + "/traps.bin";
  return engine->LoadCompiled(std::move(files), std::move(build), out);
}

Status LoadTwins(const std::string& directory, engine::Engine* engine,
                 std::shared_ptr<const engine::CompiledCode> code,
                 std::shared_ptr<const engine::Twins>* out) {
  std::vector<uint8_t> bytes;
  std::string json;
  if (Status s = ReadWholeFile(directory + "/code.aot", &bytes); !s.ok()) return s;
  if (Status s = ReadText(directory + "/build.json", &json); !s.ok()) return s;
  engine::TwinDescription description;
  if (Status s = ParseBuild(json, &description.build); !s.ok()) return s;
  if (Status s = ParseTwinPoints(json, &description); !s.ok()) return s;
  return engine->LoadTwins(std::move(bytes), std::move(description), std::move(code), out);
}

}  // namespace wasmsh::test_host
