#include "wasm/analysis.h"

#include <thread>

#include "test/wasm/module_builder.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT
using namespace wasmsh::wasm;  // NOLINT

namespace {

constexpr auto kI32 = ValueType::kI32;
constexpr auto kI64 = ValueType::kI64;

using Types = std::vector<ValueType>;

/** Types 0: (), 1: (i32)->(i32), 2: (i32 i32)->(i32 i64), 3: ()->(i32 i64). Function 0 has the type
 *  and the body of the test, function 1 is of type 2. Locals after the parameters: i32, i64. */
std::shared_ptr<const FunctionAnalysis> Body(uint32_t type, const Bytes& code,
                                             std::shared_ptr<const Module>* module = nullptr) {
  ModuleBuilder builder;
  builder.Type({});
  builder.Type({kI32}, {kI32});
  builder.Type({kI32, kI32}, {kI32, kI64});
  builder.Type({}, {kI32, kI64});
  builder.Memory(1, 1);
  builder.Table(ValueType::kFuncref, 1, 1);
  builder.Global(kI32, true, {0x41, 0});
  builder.Function(type, {kI32, kI64}, code);
  builder.Function(2, {}, {0x41, 0, 0x42, 0, 0x0b});
  const auto parsed = Parsed(builder.Build());
  if (module != nullptr) *module = parsed;
  return Analysed(parsed, 0);
}

PointState At(const std::shared_ptr<const FunctionAnalysis>& analysis, uint32_t pc) {
  PointState point;
  CHECK_OK(analysis->At(pc, &point));
  return point;
}

std::string CodeAt(const std::shared_ptr<const FunctionAnalysis>& analysis, uint32_t pc) {
  PointState point;
  return analysis->At(pc, &point).code;
}

}  // namespace

TEST(FindsInstructionStarts) {
  const auto body = Body(0, {0x41, 0xff, 0x00, 0x1a, 0x01, 0x0b});
  for (const uint32_t pc : {0u, 3u, 4u, 5u}) CHECK(body->IsInstructionStart(pc));
  for (const uint32_t pc : {1u, 2u, 6u, 7u, 0xffffffffu}) CHECK(!body->IsInstructionStart(pc));
  CHECK_EQ(body->InstructionStartBelow(1), 0u);
  CHECK_EQ(body->InstructionStartBelow(3), 0u);
  CHECK_EQ(body->InstructionStartBelow(4), 3u);
  CHECK_EQ(body->InstructionStartBelow(0xffffffff), 5u);
  CHECK_EQ(body->InstructionStartAtOrBelow(3), 3u);
  CHECK_EQ(body->InstructionStartAtOrBelow(2), 0u);
  CHECK_EQ(body->InstructionStartAtOrBelow(99), 5u);
  CHECK(body->InstructionAt(1) == nullptr);
  CHECK_EQ(body->InstructionAt(0)->length, 3u);
  CHECK_EQ(body->InstructionAt(4)->opcode, uint8_t{0x01});
  Instruction instruction;
  CHECK(body->Decode(3, &instruction) && instruction.opcode == 0x1a);
  CHECK(!body->Decode(2, &instruction));
  CHECK_EQ(CodeAt(body, 1), std::string("PC_INVALID"));
  CHECK_EQ(CodeAt(body, 6), std::string("PC_INVALID"));
}

TEST(StartsAreFoundFarBelow) {
  // One br_table of over 64 bytes: whole words of the set are empty.
  Bytes code = {0x41, 0x00, 0x0e};
  Append(&code, Leb(500));
  Append(&code, Bytes(501, 0));
  code.push_back(0x0b);
  const auto body = Body(0, code);
  const uint32_t end = static_cast<uint32_t>(code.size()) - 1;
  CHECK_EQ(body->InstructionStartBelow(end), 2u);
  CHECK_EQ(body->InstructionStartAtOrBelow(300), 2u);
  CHECK_EQ(body->InstructionStartAtOrBelow(end), end);
}

TEST(OperandsAndLabelsOfNestedBlocks) {
  // 0 i32.const 1, 2 block (i32), 4 loop, 6 i64.const, 8 drop, 9 br_if... see comments
  const Bytes code = {0x41, 0x01,         // 0  i32.const 1
                      0x02, 0x7f,         // 2  block (result i32)
                      0x03, 0x40,         // 4  loop
                      0x42, 0x05,         // 6  i64.const 5
                      0x1a,               // 8  drop
                      0x41, 0x07,         // 9  i32.const 7
                      0x20, 0x00,         // 11 local.get 0
                      0x0d, 0x01,         // 13 br_if 1 (the block, takes i32)
                      0x1a,               // 15 drop
                      0x0b,               // 16 end of loop
                      0x41, 0x09,         // 17 i32.const 9
                      0x0b,               // 19 end of block
                      0x1a, 0x1a, 0x0b};  // 20 drop, 21 drop, 22 end
  const auto body = Body(0, code);
  CHECK(At(body, 0).operands.empty());
  CHECK_EQ(At(body, 0).labels.size(), size_t{1});
  CHECK(At(body, 2).operands == Types({kI32}));
  CHECK(At(body, 8).operands == Types({kI32, kI64}));
  CHECK(At(body, 13).operands == Types({kI32, kI32, kI32}));
  CHECK(At(body, 15).operands == Types({kI32, kI32}));
  CHECK(At(body, 19).operands == Types({kI32, kI32}));
  CHECK(At(body, 20).operands == Types({kI32, kI32}));

  const PointState inner = At(body, 8);
  CHECK_EQ(inner.labels.size(), size_t{3});
  CHECK(inner.labels[0].kind == LabelKind::kFunction);
  CHECK_EQ(inner.labels[0].end_pc, 22u);
  CHECK(inner.labels[1].kind == LabelKind::kBlock);
  CHECK_EQ(inner.labels[1].opcode_pc, 2u);
  CHECK_EQ(inner.labels[1].body_pc, 4u);
  CHECK_EQ(inner.labels[1].end_pc, 19u);
  CHECK_EQ(inner.labels[1].height, 1u);
  CHECK(inner.labels[1].type.results == Types({kI32}));
  CHECK(inner.labels[2].kind == LabelKind::kLoop);
  CHECK_EQ(inner.labels[2].body_pc, 6u);
  CHECK_EQ(inner.labels[2].end_pc, 16u);
  CHECK_EQ(At(body, 17).labels.size(), size_t{2});
  CHECK_EQ(At(body, 22).labels.size(), size_t{1});
}

TEST(IfAndElse) {
  const Bytes code = {0x20, 0x00,  // 0 local.get 0
                      0x04, 0x7f,  // 2 if (result i32)
                      0x41, 0x01,  // 4 i32.const 1
                      0x05,        // 6 else
                      0x41, 0x02,  // 7 i32.const 2
                      0x0b,        // 9 end
                      0x0b};       // 10 end
  const auto body = Body(1, code);
  const PointState then = At(body, 4);
  CHECK(then.labels[1].kind == LabelKind::kIf);
  CHECK_EQ(then.labels[1].else_pc, 6u);
  CHECK_EQ(then.labels[1].end_pc, 9u);
  CHECK(then.operands.empty());
  CHECK(At(body, 6).operands == Types({kI32}));
  const PointState otherwise = At(body, 7);
  CHECK(otherwise.labels[1].kind == LabelKind::kElse);
  CHECK_EQ(otherwise.labels[1].opcode_pc, 2u);
  CHECK_EQ(otherwise.labels[1].else_pc, 6u);
  CHECK_EQ(otherwise.labels[1].body_pc, 7u);
  CHECK(otherwise.operands.empty());
  CHECK(At(body, 9).operands == Types({kI32}));
}

TEST(BlocksWithParametersAndSeveralResults) {
  const Bytes code = {0x41, 0x01, 0x41, 0x02,  // 0, 2 two i32
                      0x02, 0x02,              // 4 block (type 2): i32 i32 -> i32 i64
                      0x10, 0x01,              // 6 call 1, of type 2
                      0x0b,                    // 8 end
                      0x1a, 0x1a, 0x0b};       // 9, 10, 11
  const auto body = Body(0, code);
  CHECK(At(body, 6).operands == Types({kI32, kI32}));
  CHECK_EQ(At(body, 6).labels[1].height, 0u);
  CHECK(At(body, 6).labels[1].type.params == Types({kI32, kI32}));
  CHECK(At(body, 8).operands == Types({kI32, kI64}));
  CHECK(At(body, 10).operands == Types({kI32}));
  CHECK_EQ(body->InstructionAt(6)->immediate, 1u);
}

TEST(CodeBehindABranchCannotBeReached) {
  const Bytes code = {0x02, 0x7f,   // 0 block (result i32)
                      0x41, 0x01,   // 2 i32.const 1
                      0x0c, 0x00,   // 4 br 0
                      0x1a,         // 6 drop: not reached
                      0x02, 0x40,   // 7 block: not reached
                      0x01,         // 9 nop: not reached
                      0x0b,         // 10 end: not reached
                      0x0b,         // 11 end: the branch arrives here
                      0x1a, 0x0b};  // 12 drop, 13 end
  const auto body = Body(0, code);
  for (const uint32_t pc : {6u, 7u, 9u, 10u}) {
    CHECK_EQ(CodeAt(body, pc), std::string("PC_UNREACHABLE"));
    CHECK(!body->InstructionAt(pc)->reachable);
  }
  CHECK(body->InstructionAt(11)->reachable && body->InstructionAt(4)->reachable);
  CHECK(At(body, 11).operands == Types({kI32}));
  CHECK_EQ(At(body, 11).labels.size(), size_t{2});
  CHECK(At(body, 12).operands == Types({kI32}));
}

TEST(ElseBehindADeadBranchCannotBeReached) {
  const Bytes code = {0x20, 0x00,   // 0 local.get 0
                      0x04, 0x40,   // 2 if
                      0x0f,         // 4 return
                      0x05,         // 5 else
                      0x01,         // 6 nop
                      0x0b, 0x0b};  // 7 end, 8 end
  const auto body = Body(0, code);
  CHECK_EQ(CodeAt(body, 5), std::string("PC_UNREACHABLE"));
  CHECK(At(body, 6).operands.empty());
  CHECK(At(body, 7).operands.empty());
}

TEST(BrTableTargetsOfOneType) {
  const Bytes code = {0x02, 0x7f,                    // 0 block (result i32)
                      0x02, 0x7f,                    // 2 block (result i32)
                      0x41, 0x01, 0x20, 0x00,        // 4, 6
                      0x0e, 0x02, 0x00, 0x01, 0x01,  // 8 br_table 0 1 1
                      0x0b,                          // 13 end
                      0x0b,                          // 14 end
                      0x1a, 0x0b};                   // 15, 16
  const auto body = Body(0, code);
  CHECK(At(body, 8).operands == Types({kI32, kI32}));
  CHECK(At(body, 13).operands == Types({kI32}));
  CHECK_EQ(body->InstructionAt(8)->length, 5u);
}

TEST(TailCallsEndTheBlock) {
  const Bytes code = {0x41, 0x01, 0x41, 0x02, 0x12, 0x01,  // 0, 2, 4 return_call 1
                      0x01,                                // 6 nop: not reached
                      0x0b};                               // 7
  const auto body = Body(3, code);
  CHECK(At(body, 4).operands == Types({kI32, kI32}));
  CHECK_EQ(CodeAt(body, 6), std::string("PC_UNREACHABLE"));
  CHECK(At(body, 7).operands == Types({kI32, kI64}));

  const Bytes indirect = {0x41, 0x01, 0x41, 0x02, 0x41, 0x00, 0x13, 0x02, 0x00, 0x0b};
  CHECK(At(Body(3, indirect), 6).operands == Types({kI32, kI32, kI32}));
}

TEST(RefusesInvalidBodies) {
  const Bytes bodies[] = {
      {0x1a, 0x0b},                                            // drop of nothing
      {0x41, 0x00, 0x0b},                                      // left over
      {0x42, 0x00, 0x45, 0x1a, 0x0b},                          // i32.eqz of an i64
      {0x0c, 0x01, 0x0b},                                      // unknown label
      {0x20, 0x02, 0x1a, 0x0b},                                // unknown local
      {0x23, 0x01, 0x1a, 0x0b},                                // unknown global
      {0x10, 0x09, 0x0b},                                      // unknown function
      {0x41, 0x00, 0x11, 0x09, 0x00, 0x0b},                    // unknown type
      {0x41, 0x00, 0x11, 0x00, 0x01, 0x0b},                    // unknown table
      {0x02, 0x7f, 0x0b, 0x1a, 0x0b},                          // no result
      {0x02, 0x09, 0x0b, 0x0b},                                // unknown block type
      {0x05, 0x0b},                                            // else without if
      {0x41, 0x00, 0x04, 0x7f, 0x41, 0x00, 0x0b, 0x1a, 0x0b},  // if without else
      {0x41, 0x00, 0x28, 0x03, 0x00, 0x1a, 0x0b},              // alignment
      {0x41, 0x00, 0xfe, 0x10, 0x00, 0x00, 0x1a, 0x0b},        // atomic alignment
      {0xd2, 0x00, 0x1a, 0x0b},                                // undeclared reference
      {0xd0, 0x70, 0x41, 0x00, 0x41, 0x00, 0x1b, 0x1a, 0x0b},  // select of unlike types
      {0xd0, 0x70, 0xd0, 0x70, 0x41, 0x00, 0x1b, 0x1a, 0x0b},  // untyped select of references
      {0x41, 0x00, 0x41, 0x00, 0x41, 0x00, 0xfc, 0x08, 0x00, 0x00, 0x0b},  // no such segment
      {0x41, 0x01, 0x41, 0x02, 0x12, 0x01, 0x0b},  // tail call of other results
      {0x00, 0x42, 0x00, 0x45, 0x1a, 0x0b},        // wrong types in unreachable code
      {0x02, 0x7f, 0x02, 0x40, 0x41, 0x00, 0x41, 0x00, 0x0e, 0x01, 0x00, 0x01, 0x0b, 0x41, 0x00,
       0x0b, 0x1a, 0x0b},  // br_table of different arity
  };
  for (const Bytes& code : bodies) {
    ModuleBuilder builder;
    builder.Type({});
    builder.Type({kI32}, {kI32});
    builder.Type({kI32, kI32}, {kI32, kI64});
    builder.Memory(1, 1);
    builder.Table(ValueType::kFuncref, 1, 1);
    builder.Global(kI32, true, {0x41, 0});
    builder.DataCount(0);
    builder.Section(11, {0});
    builder.Function(0, {kI32, kI64}, code);
    builder.Function(2, {}, {0x41, 0, 0x42, 0, 0x0b});
    std::shared_ptr<const FunctionAnalysis> analysis;
    const Status status = FunctionAnalysis::Make(Parsed(builder.Build()), 0, &analysis);
    CHECK_EQ(status.code, std::string("MODULE_INVALID"));
    CHECK(Contains(status.message, "Function 0"));
  }
}

TEST(FunctionsWithoutABodyAreRefused) {
  ModuleBuilder builder;
  builder.ImportFunction("env", "f", builder.Type({}));
  std::shared_ptr<const FunctionAnalysis> analysis;
  const auto module = Parsed(builder.Build());
  CHECK_EQ(FunctionAnalysis::Make(module, 0, &analysis).code, std::string("MODULE_INVALID"));
  CHECK_EQ(FunctionAnalysis::Make(module, 1, &analysis).code, std::string("MODULE_INVALID"));
}

TEST(UnreachableCodeTakesAnyType) {
  // unreachable; select; i64.eqz; drop: the operands come from nowhere.
  Body(0, {0x00, 0x1b, 0x50, 0x1a, 0x0b});
  Body(1, {0x00, 0x0b});
  Body(0, {0x02, 0x7f, 0x00, 0x0d, 0x00, 0x0b, 0x1a, 0x0b});
}

TEST(LongFunctionsAnswerAsShortOnesDo) {
  // Far more instructions than between two checkpoints, at a depth that changes all the time.
  Bytes code;
  std::vector<std::pair<uint32_t, size_t>> expected;  // pc, operands
  size_t depth = 0;
  uint64_t random = 1;
  for (int i = 0; i < 20000; ++i) {
    expected.emplace_back(static_cast<uint32_t>(code.size()), depth);
    random = random * 6364136223846793005u + 1442695040888963407u;
    const bool push = depth == 0 || (depth < 300 && (random >> 40) % 2 == 0);
    Append(&code, push ? Bytes{0x41, 0x00} : Bytes{0x1a});
    depth += push ? 1 : static_cast<size_t>(-1);
  }
  expected.emplace_back(static_cast<uint32_t>(code.size()), depth);
  for (; depth > 0; --depth) code.push_back(0x1a);
  code.push_back(0x0b);
  const auto body = Body(0, code);
  for (const auto& [pc, operands] : expected) {
    CHECK_EQ(At(body, pc).operands.size(), operands);
  }
}

TEST(DeepNestingIsAnsweredAtEveryDepth) {
  const uint32_t depth = 3000;
  Bytes code;
  for (uint32_t i = 0; i < depth; ++i) Append(&code, {0x02, 0x40});
  code.insert(code.end(), depth + 1, 0x0b);
  const auto body = Body(0, code);
  for (uint32_t i = 0; i < depth; i += 100) {
    const PointState point = At(body, 2 * i);
    CHECK_EQ(point.labels.size(), size_t{i} + 1);
    if (i > 0) CHECK_EQ(point.labels[i].end_pc, 3 * depth - i);
  }
}

TEST(AskingAgainGivesTheSamePoint) {
  const auto body = Body(0, {0x41, 0x01, 0x1a, 0x0b});
  std::shared_ptr<const PointState> first;
  std::shared_ptr<const PointState> second;
  CHECK_OK(body->PointAt(2, &first));
  CHECK_OK(body->PointAt(2, &second));
  CHECK(first == second);
}

TEST(ModuleAnalysisIsMadeOnceAndByManyThreads) {
  std::shared_ptr<const Module> module;
  Body(0, {0x41, 0x01, 0x1a, 0x0b}, &module);
  ModuleAnalysis analyses(module);
  std::vector<std::shared_ptr<const FunctionAnalysis>> seen(8);
  std::vector<std::thread> threads;
  for (auto& slot : seen) {
    threads.emplace_back([&analyses, &slot] {
      for (int i = 0; i < 200; ++i) {
        PointState point;
        if (!analyses.Of(0, &slot).ok() || !slot->At(2, &point).ok()) slot.reset();
        if (slot == nullptr || slot->instructions().size() != 3) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& slot : seen) CHECK(slot != nullptr && slot == seen[0]);
  std::shared_ptr<const FunctionAnalysis> none;
  CHECK(!analyses.Of(77, &none).ok());
}
