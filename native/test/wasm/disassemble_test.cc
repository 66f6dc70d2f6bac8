#include "test/wasm/module_builder.h"
#include "test/wasm/sample_modules.h"
#include "wasm/analysis.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT
using namespace wasmsh::wasm;  // NOLINT

namespace {

std::vector<std::string> Listing(const std::shared_ptr<const Module>& module, uint32_t function) {
  std::vector<std::string> lines;
  const auto analysis = Analysed(module, function);
  for (const Instruction& instruction : analysis->instructions()) {
    lines.push_back(Disassemble(*module, function, instruction));
  }
  return lines;
}

/** Listing of one function of type () without its end. */
std::string First(const Bytes& code, const Bytes& names = {}) {
  ModuleBuilder builder = SampleParts();
  builder.Function(0, {ValueType::kI32}, code);
  if (!names.empty()) builder.Custom("name", names);
  return Listing(Parsed(builder.Build()), 1)[0];
}

}  // namespace

TEST(EveryTypedInstructionIsValidAndSpelledByItsName) {
  const auto module = Parsed(EveryTypedInstruction());
  uint32_t function = module->imported_functions;
  uint32_t count = 0;
  ForEachOpcode([&](uint8_t, const Opcode& opcode) {
    if (!opcode.typed) return;
    const std::vector<std::string> lines = Listing(module, function++);
    const std::string& line = lines[opcode.param_count];
    CHECK_EQ(line.substr(0, line.find(' ')), std::string(opcode.name));
    ++count;
  });
  CHECK_EQ(count, 476u);
  CHECK_EQ(function, static_cast<uint32_t>(module->functions.size()));
}

TEST(EverySpecialInstructionIsValid) {
  const auto module = Parsed(EverySpecialInstruction());
  for (uint32_t f = module->imported_functions; f < module->functions.size(); ++f) {
    for (const std::string& line : Listing(module, f)) CHECK(!Contains(line, "(no instruction)"));
  }
}

TEST(ControlReadsAsTheTextFormatSpellsIt) {
  const auto module = Parsed(EverySpecialInstruction());
  const std::vector<std::string> lines = Listing(module, 1);
  const char* const expected[] = {"nop",         "i32.const 1",
                                  "i32.const 2", "block (type 2) (param i32 i32) (result i32 i64)",
                                  "call 2 $two", "end",
                                  "drop",        "drop",
                                  "local.get 0", "if (result i32)",
                                  "i32.const 1", "else",
                                  "i32.const 2", "end",
                                  "drop",        "block",
                                  "loop",        "local.get 0",
                                  "br_if 1",     "local.get 0",
                                  "br_table 0 1"};
  for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); ++i) {
    CHECK_EQ(lines[i], std::string(expected[i]));
  }
  CHECK_EQ(lines[lines.size() - 10], std::string("select (result externref)"));
  CHECK_EQ(lines[lines.size() - 6], std::string("call_indirect (type 1)"));
}

TEST(ConstantsReadBackTheSame) {
  CHECK_EQ(First({0x41, 0x7f, 0x1a, 0x0b}), std::string("i32.const -1"));
  CHECK_EQ(First({0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a, 0x0b}),
           std::string("i64.const -9223372036854775808"));
  const auto f32 = [](uint32_t bits) {
    Bytes code = {0x43};
    for (int i = 0; i < 4; ++i) code.push_back(static_cast<uint8_t>(bits >> (8 * i)));
    return First(Concat({code, {0x1a, 0x0b}}));
  };
  CHECK_EQ(f32(0x3fc00000), std::string("f32.const 1.5"));
  CHECK_EQ(f32(0x80000000), std::string("f32.const -0"));
  CHECK_EQ(f32(0x7f800000), std::string("f32.const inf"));
  CHECK_EQ(f32(0xff800000), std::string("f32.const -inf"));
  CHECK_EQ(f32(0x7fc00000), std::string("f32.const nan"));
  CHECK_EQ(f32(0xffc00001), std::string("f32.const -nan:0x400001"));
  CHECK_EQ(f32(0x00000001), std::string("f32.const 1e-45"));
  CHECK_EQ(First({0x44, 1, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0x1a, 0x0b}),
           std::string("f64.const nan:0x1"));
}

TEST(AccessesShowOnlyWhatIsNotUsual) {
  CHECK_EQ(First({0x41, 0, 0x28, 2, 0, 0x1a, 0x0b}), std::string("i32.const 0"));
  const auto second = [](const Bytes& access) {
    ModuleBuilder builder = SampleParts();
    builder.Function(0, {}, Concat({{0x41, 0}, access, {0x1a, 0x0b}}));
    return Listing(Parsed(builder.Build()), 1)[1];
  };
  CHECK_EQ(second({0x28, 2, 0}), std::string("i32.load"));
  CHECK_EQ(second({0x28, 0, 8}), std::string("i32.load offset=8 align=1"));
  CHECK_EQ(second({0xfd, 0x00, 4, 0}), std::string("v128.load"));
}

TEST(NamesCannotReachTheTerminalRaw) {
  const auto local = [](const std::string& name) {
    const Bytes names = Concat({Leb(1), Leb(1), Leb(1), Leb(0), Sized(Text(name))});
    return First({0x20, 0, 0x1a, 0x0b}, Concat({{0x02}, Sized(names)}));
  };
  CHECK_EQ(local("count"), std::string("local.get 0 $count"));
  CHECK_EQ(local("a b"), std::string("local.get 0 $\"a b\""));
  CHECK_EQ(local("\x1b[2J\"\n"), std::string("local.get 0 $\"\\1b[2J\\22\\0a\""));
  CHECK_EQ(local("\xc3\xa9"), std::string("local.get 0 $\"\xc3\xa9\""));
}

TEST(InstructionsThatAreNotThereAreSaidToBe) {
  const auto module = Parsed(EverySpecialInstruction());
  Instruction outside;
  outside.pc = 100000;
  CHECK_EQ(Disassemble(*module, 1, outside), std::string("(outside the function)"));
  CHECK_EQ(Disassemble(*module, 0, outside), std::string("(outside the function)"));
  CHECK_EQ(Disassemble(*module, 99, outside), std::string("(no such function)"));
}
