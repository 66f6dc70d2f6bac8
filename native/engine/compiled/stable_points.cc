#include "engine/compiled/stable_points.h"

#include "wasm/reader.h"

namespace wasmsh::engine {

namespace {

using wasm::Reader;
using wasm::ValueType;

constexpr uint8_t kMagic[] = {'W', 'S', 'P', 1};
constexpr uint8_t kCallPoint = 2;
constexpr uint32_t kMostLocals = 50'000;

Status Invalid() {
  return Status::Error("POINTS_INVALID",
                       "The table of stable points is damaged or of another version");
}

bool ReadType(Reader* reader, ValueType* type) {
  const uint8_t byte = reader->Byte();
  *type = ValueType(byte);
  switch (*type) {
    case ValueType::kI32:
    case ValueType::kI64:
    case ValueType::kF32:
    case ValueType::kF64:
    case ValueType::kV128:
    case ValueType::kFuncref:
    case ValueType::kExternref:
      return reader->ok();
  }
  reader->Fail("no value type");
  return false;
}

void ReadTypes(Reader* reader, std::vector<ValueType>* types) {
  for (uint32_t left = reader->Count(1); left > 0 && reader->ok(); --left) {
    ValueType type;
    if (ReadType(reader, &type)) types->push_back(type);
  }
}

/** Types as pairs of how many, and which. */
void ReadRuns(Reader* reader, std::vector<ValueType>* types) {
  for (uint32_t runs = reader->Count(2); runs > 0 && reader->ok(); --runs) {
    const uint32_t count = reader->U32();
    ValueType type;
    if (!ReadType(reader, &type)) return;
    if (count > kMostLocals - types->size()) return reader->Fail("too many locals");
    types->insert(types->end(), count, type);
  }
}

void ReadPoint(Reader* reader, size_t locals, StablePoint* point) {
  ReadTypes(reader, &point->operands);
  point->is_call = reader->Byte() == kCallPoint;
  if (point->is_call) {
    reader->U32();  // length of the instruction
    point->results = reader->U32();
    reader->Byte();  // whether the callee is known
    reader->U32();   // the callee or its type
    if (point->results > point->operands.size()) return reader->Fail("more results than operands");
  }
  uint32_t local = 0;
  for (uint32_t left = reader->Count(1); left > 0 && reader->ok(); --left) {
    local += reader->U32();
    if (local >= locals) return reader->Fail("no such local");
    point->live.push_back(local);
  }
}

bool ReadFunction(Reader* reader, FunctionPoints* function) {
  reader->U32();  // parameters
  ReadRuns(reader, &function->locals);
  std::vector<ValueType> results;
  ReadTypes(reader, &results);
  uint32_t pc = 0;
  for (uint32_t left = reader->Count(3); left > 0 && reader->ok(); --left) {
    StablePoint point;
    pc += reader->U32();
    point.pc = pc;
    ReadPoint(reader, function->locals.size(), &point);
    function->points.push_back(std::move(point));
  }
  return reader->ok() && reader->at_end();
}

}  // namespace

std::optional<uint32_t> FunctionPoints::At(uint32_t pc) const {
  // Ascending, but for the entry, which is first.
  size_t low = 0;
  size_t high = points.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (points[middle].pc < pc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == points.size() || points[low].pc != pc) return std::nullopt;
  return uint32_t(low);
}

Status StablePoints::Parse(std::vector<uint8_t> bytes, std::unique_ptr<StablePoints>* out) {
  if (bytes.size() > UINT32_MAX) return Invalid();
  auto table = std::make_unique<StablePoints>();
  table->bytes_ = std::move(bytes);
  Reader reader(table->bytes_.data(), 0, uint32_t(table->bytes_.size()));
  for (const uint8_t byte : kMagic) {
    if (reader.Byte() != byte) return Invalid();
  }
  table->functions_ = reader.U32();
  table->imported_functions_ = reader.U32();
  for (uint32_t left = table->imported_functions_; left > 0 && reader.ok(); --left) {
    reader.Bytes(reader.Count(1));  // types of its parameters, which the module has too
  }
  for (uint32_t left = reader.Count(2); left > 0 && reader.ok(); --left) {
    WaitShape wait;
    wait.width = reader.Byte();
    wait.offset = reader.U32();
    table->waits_.push_back(wait);
  }
  uint32_t index = 0;
  for (uint32_t left = reader.Count(2); left > 0 && reader.ok(); --left) {
    index += reader.U32();
    const uint32_t length = reader.U32();
    const uint32_t begin = reader.offset();
    if (reader.Bytes(length) == nullptr) break;
    table->places_[index] = {begin, reader.offset()};
  }
  if (!reader.ok() || !reader.at_end()) return Invalid();
  *out = std::move(table);
  return Status::Ok();
}

Status StablePoints::Of(uint32_t function, const FunctionPoints** out) const {
  *out = nullptr;
  const auto place = places_.find(function);
  if (place == places_.end()) return Status::Ok();
  std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<FunctionPoints>& read = read_[function];
  if (read == nullptr) {
    auto points = std::make_unique<FunctionPoints>();
    Reader reader(bytes_.data(), place->second.begin, place->second.end);
    if (!ReadFunction(&reader, points.get())) return Invalid();
    read = std::move(points);
  }
  *out = read.get();
  return Status::Ok();
}

Status StablePoints::At(uint32_t function, uint32_t pc, std::optional<uint32_t>* point,
                        const FunctionPoints** of) const {
  const FunctionPoints* found = nullptr;
  if (Status s = Of(function, &found); !s.ok()) return s;
  *point = found == nullptr ? std::nullopt : found->At(pc);
  if (of != nullptr) *of = found;
  return Status::Ok();
}

}  // namespace wasmsh::engine
