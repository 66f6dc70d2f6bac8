// Nothing that a module's bytes say may crash, hang or leave its buffer: run under the sanitizers.
// WASMSH_FUZZ_CORPUS names a folder of further .wasm files to start from.

#include <dirent.h>

#include <fstream>
#include <iterator>

#include "test/fuzz.h"
#include "test/wasm/module_builder.h"
#include "test/wasm/sample_modules.h"
#include "wasm/analysis.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT
using namespace wasmsh::wasm;  // NOLINT

namespace {

std::vector<Bytes> Corpus() {
  std::vector<Bytes> corpus = {EveryTypedInstruction(), EverySpecialInstruction()};
  const char* folder = std::getenv("WASMSH_FUZZ_CORPUS");
  DIR* directory = folder == nullptr ? nullptr : opendir(folder);
  while (directory != nullptr) {
    const dirent* entry = readdir(directory);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name.size() < 5 || name.substr(name.size() - 5) != ".wasm") continue;
    std::ifstream file(std::string(folder) + "/" + name, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (directory != nullptr) closedir(directory);
  return corpus;
}

/** Asks everything there is to ask about a function that is valid. */
void Explore(const Module& module, const FunctionAnalysis& analysis, uint32_t function,
             Random* random) {
  const std::vector<Instruction>& instructions = analysis.instructions();
  uint32_t expected = 0;
  for (const Instruction& instruction : instructions) {
    CHECK_EQ(instruction.pc, expected);
    expected += instruction.length;
    CHECK(analysis.IsInstructionStart(instruction.pc));
    CHECK(!Disassemble(module, function, instruction).empty());
  }
  const Function& body = module.functions[function];
  CHECK_EQ(expected, body.code_end - body.code_start);
  for (int i = 0; i < 4; ++i) {
    const Instruction& instruction = instructions[random->Below(instructions.size())];
    PointState point;
    const Status status = analysis.At(instruction.pc, &point);
    CHECK_EQ(status.ok(), instruction.reachable);
    if (!status.ok()) continue;
    CHECK(!point.labels.empty());
    for (const ValueType type : point.operands)
      CHECK(ValueTypeName(type) != std::string("unknown"));
    for (const Label& label : point.labels) {
      CHECK(label.height <= point.operands.size());
      CHECK(label.end_pc < expected && label.end_pc >= instruction.pc);
    }
  }
}

void Try(const Bytes& bytes, Random* random) {
  std::shared_ptr<const Module> module;
  const Status status = Module::Parse(std::make_shared<const Bytes>(bytes), &module);
  CHECK_EQ(status.ok(), module != nullptr);
  if (!status.ok()) return;
  ModuleAnalysis analyses(module);
  const auto count = static_cast<uint32_t>(module->functions.size());
  for (uint32_t function = 0; function < count; ++function) {
    module->FunctionName(function);
    std::shared_ptr<const FunctionAnalysis> analysis;
    if (!analyses.Of(function, &analysis).ok()) continue;
    if (count < 32 || random->Below(16) == 0) Explore(*module, *analysis, function, random);
  }
}

/** A body of random instructions with small immediates: reaches further into validation than
 *  changed bytes do. */
Bytes RandomBody(Random* random) {
  Bytes code;
  const size_t count = random->Below(60);
  for (size_t i = 0; i < count; ++i) {
    const uint8_t prefixes[] = {0, 0, 0, 0, kMiscPrefix, kVectorPrefix, kAtomicPrefix};
    const uint8_t prefix = prefixes[random->Below(sizeof(prefixes))];
    const auto number = static_cast<uint32_t>(random->Below(prefix == 0 ? 0xd3 : 0x100));
    const Opcode* opcode = prefix == 0 ? FindPlainOpcode(number) : FindOpcode(prefix, number);
    if (opcode == nullptr) continue;
    for (uint8_t p = 0; opcode->typed && p < opcode->param_count; ++p) {
      if (random->Below(3) != 0) Append(&code, ZeroOf(opcode->params[p]));
    }
    Append(&code, OpcodeBytes(prefix, *opcode));
    Bytes immediates = ImmediatesOf(*opcode);
    if (opcode->immediate == Immediate::kBlock) immediates = {0x40};
    if (opcode->immediate == Immediate::kLabels) {
      immediates = {1, static_cast<uint8_t>(random->Below(3)), 0};
    }
    if (opcode->immediate == Immediate::kTypes) immediates = {1, 0x7f};
    if (opcode->immediate == Immediate::kReference) immediates = {0x70};
    if (immediates.size() == 1 && random->Below(2) == 0) {
      immediates[0] = static_cast<uint8_t>(random->Below(4));
    }
    Append(&code, immediates);
  }
  code.insert(code.end(), 1 + random->Below(4), kOpEnd);
  return code;
}

}  // namespace

TEST(ChangedModules) {
  const std::vector<Bytes> corpus = Corpus();
  FuzzRounds([&corpus](uint64_t seed) {
    Random random(seed);
    Bytes bytes = corpus[random.Below(corpus.size())];
    Mutate(&bytes, random.Below(4) == 0 ? 0 : 8, &random);
    Try(bytes, &random);
  });
}

TEST(RandomBodies) {
  uint64_t valid = 0;
  FuzzRounds([&valid](uint64_t seed) {
    Random random(seed);
    ModuleBuilder builder = SampleParts();
    const auto type = static_cast<uint32_t>(random.Below(4));
    builder.Function(type, {ValueType::kI32, ValueType::kV128}, RandomBody(&random));
    builder.ExportFunction("f", 1);
    const Bytes bytes = builder.Build();
    std::shared_ptr<const Module> module;
    if (!Module::Parse(std::make_shared<const Bytes>(bytes), &module).ok()) return;
    std::shared_ptr<const FunctionAnalysis> analysis;
    if (!FunctionAnalysis::Make(module, 1, &analysis).ok()) return;
    Explore(*module, *analysis, 1, &random);
    ++valid;
  });
  CHECK(valid > 0);
}

TEST(HostileSizesTakeNoTime) {
  // Lists that claim more than there is, in every section.
  for (uint8_t id = 1; id <= 12; ++id) {
    ModuleBuilder builder;
    builder.Section(id, {0xff, 0xff, 0xff, 0xff, 0x0f, 0x60, 0xff, 0xff, 0xff, 0xff, 0x0f});
    Random random(1);
    Try(builder.Build(), &random);
  }
  // Types of very many results, given and branched with over and over.
  const std::vector<ValueType> many(50000, ValueType::kI32);
  ModuleBuilder builder;
  builder.Type({}, many);
  builder.Type(many, many);
  Bytes code;
  for (int i = 0; i < 20000; ++i) Append(&code, {0x10, 0x00});
  code.push_back(0x0b);
  builder.Function(0, {}, code);
  Bytes nested = {0x10, 0x00};
  for (int i = 0; i < 2000; ++i) Append(&nested, {0x02, 0x01});
  nested.insert(nested.end(), 2001, 0x0b);
  builder.Function(0, {}, nested);
  const double begin = ThreadSeconds();
  const auto module = Parsed(builder.Build());
  std::shared_ptr<const FunctionAnalysis> analysis;
  CHECK(!FunctionAnalysis::Make(module, 0, &analysis).ok());
  CHECK(!FunctionAnalysis::Make(module, 1, &analysis).ok());
  CHECK(ThreadSeconds() - begin < 10);
}
