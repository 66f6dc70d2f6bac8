#include "wasm/module.h"

#include "test/wasm/module_builder.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT
using namespace wasmsh::wasm;  // NOLINT

namespace {

constexpr auto kI32 = ValueType::kI32;
constexpr auto kI64 = ValueType::kI64;

/** One of everything. */
ModuleBuilder Full() {
  ModuleBuilder builder;
  const uint32_t none = builder.Type({});
  const uint32_t add = builder.Type({kI32, kI64}, {kI32});
  builder.ImportFunction("env", "log", add);
  builder.Function(none, {kI64, ValueType::kF32}, {0x0b});
  builder.Function(add, {}, {0x20, 0x00, 0x0b});
  builder.Table(ValueType::kFuncref, 2, 5);
  builder.Memory(1, 4);
  builder.Global(kI32, true, {0x41, 0x2a});
  builder.Global(kI64, false, {0x42, 0x01, 0x42, 0x02, 0x7c});  // extended constant expression
  builder.ExportFunction("_start", 1);
  builder.Export("memory", ExternalKind::kMemory, 0);
  builder.Export("count", ExternalKind::kGlobal, 0);
  builder.Start(1);
  builder.Elements({2});
  builder.DataCount(1);
  builder.PassiveData("hello");
  return builder;
}

Bytes NameSection() {
  const Bytes functions = Concat({Leb(2), Leb(1), Sized(Text("main")), Leb(2), Sized(Text("sum"))});
  const Bytes locals = Concat({Leb(1), Leb(2), Leb(1), Leb(0), Sized(Text("left"))});
  const Bytes globals = Concat({Leb(1), Leb(1), Sized(Text("three"))});
  return Concat({{0x00},
                 Sized(Sized(Text("full"))),
                 {0x01},
                 Sized(functions),
                 {0x02},
                 Sized(locals),
                 {0x07},
                 Sized(globals)});
}

}  // namespace

TEST(ReadsEverySection) {
  const auto module = Parsed(Full().Build());

  CHECK_EQ(module->types.size(), size_t{2});
  CHECK(module->types[1] == (FunctionType{{kI32, kI64}, {kI32}}));
  CHECK_EQ(module->imports.size(), size_t{1});
  CHECK_EQ(module->imports[0].name, std::string("log"));
  CHECK_EQ(module->imported_functions, 1u);
  CHECK_EQ(module->function_imports[0], 0u);
  CHECK_EQ(module->functions.size(), size_t{3});
  CHECK(module->functions[0].imported && !module->functions[1].imported);
  CHECK_EQ(module->functions[1].locals.size(), size_t{2});
  CHECK_EQ(module->functions[2].code_end - module->functions[2].code_start, 3u);
  CHECK_EQ(module->LocalCount(2), 2u);
  CHECK(module->LocalType(2, 1) == kI64);
  CHECK(module->LocalType(1, 1) == ValueType::kF32);
  CHECK_EQ(module->tables[0].limits.min, uint64_t{2});
  CHECK_EQ(module->tables[0].limits.max.value_or(0), uint64_t{5});
  CHECK_EQ(module->memories[0].max.value_or(0), uint64_t{4});
  CHECK(module->globals[0].is_mutable && !module->globals[1].is_mutable);
  CHECK(module->FindExport("_start", ExternalKind::kFunction) != nullptr);
  CHECK(module->FindExport("_start", ExternalKind::kMemory) == nullptr);
  CHECK_EQ(module->start.value_or(0), 1u);
  CHECK_EQ(module->element_segments, 1u);
  CHECK_EQ(module->data_segments, 1u);
  CHECK(module->declared_references[1] && module->declared_references[2]);
  CHECK(!module->declared_references[0]);
  CHECK(!module->uses_simd && !module->uses_threads && !module->uses_tail_calls);
}

TEST(NamesComeFromNameSectionThenExportThenImport) {
  ModuleBuilder builder = Full();
  builder.Custom("name", NameSection());
  const auto named = Parsed(builder.Build());
  CHECK_EQ(named->module_name, std::string("full"));
  CHECK_EQ(named->FunctionName(0), std::string("env.log"));
  CHECK_EQ(named->FunctionName(1), std::string("main"));
  CHECK_EQ(named->FunctionName(2), std::string("sum"));
  CHECK_EQ(named->LocalName(2, 0), std::string("left"));
  CHECK_EQ(named->LocalName(2, 1), std::string());
  CHECK_EQ(named->LocalName(1, 0), std::string());
  CHECK_EQ(named->GlobalName(0), std::string("count"));
  CHECK_EQ(named->GlobalName(1), std::string("three"));

  const auto plain = Parsed(Full().Build());
  CHECK_EQ(plain->FunctionName(1), std::string("_start"));
  CHECK_EQ(plain->FunctionName(2), std::string());
  CHECK_EQ(plain->FunctionName(99), std::string());
}

TEST(MalformedNameSectionIsIgnored) {
  const Bytes whole = NameSection();
  for (size_t cut = 1; cut < whole.size(); ++cut) {
    ModuleBuilder builder = Full();
    builder.Custom("name", Bytes(whole.begin(), whole.begin() + static_cast<long>(cut)));
    Parsed(builder.Build());
  }
  ModuleBuilder builder = Full();
  builder.Custom("name", {0x01, 0x03, 0x01, 0xff, 0xff});
  CHECK(Parsed(builder.Build())->function_names.empty());
}

TEST(PaddedLebsAreLegalEverywhere) {
  ModuleBuilder builder;
  builder.Section(1, Concat({Leb(1, 5), {0x60}, Leb(0, 5), Leb(1, 5), {0x7f}}));
  builder.Section(3, Concat({Leb(1, 5), Leb(0, 5)}));
  const Bytes body = Concat({Leb(0, 5), {0x41, 0x83, 0x80, 0x80, 0x80, 0x00, 0x0b}});
  builder.Section(10, Concat({Leb(1, 5), Leb(body.size(), 5), body}));
  const auto module = Parsed(builder.Build());
  const auto analysis = Analysed(module, 0);
  CHECK_EQ(analysis->instructions().size(), size_t{2});
  CHECK_EQ(analysis->instructions()[1].pc, 6u);
}

TEST(SeesSimdThreadsAndTailCalls) {
  ModuleBuilder builder;
  const uint32_t none = builder.Type({});
  builder.Memory(1, 1, true);
  builder.Function(none, {}, {0xfe, 0x03, 0x00, 0x12, 0x01, 0x0b});
  builder.Function(none, {ValueType::kV128}, {0x0b});
  const auto module = Parsed(builder.Build());
  CHECK(module->uses_simd && module->uses_threads && module->uses_tail_calls);
  CHECK(module->functions[0].has_tail_calls && !module->functions[1].has_tail_calls);
}

TEST(ElementSegmentsOfEveryForm) {
  const Bytes forms[] = {
      {0x00, 0x41, 0x00, 0x0b, 0x01, 0x00},
      {0x01, 0x00, 0x01, 0x00},
      {0x02, 0x00, 0x41, 0x00, 0x0b, 0x00, 0x01, 0x00},
      {0x03, 0x00, 0x01, 0x00},
      {0x04, 0x41, 0x00, 0x0b, 0x01, 0xd2, 0x00, 0x0b},
      {0x05, 0x70, 0x01, 0xd2, 0x00, 0x0b},
      {0x06, 0x00, 0x41, 0x00, 0x0b, 0x70, 0x01, 0xd2, 0x00, 0x0b},
      {0x07, 0x70, 0x01, 0xd2, 0x00, 0x0b},
  };
  for (const Bytes& form : forms) {
    ModuleBuilder builder;
    builder.Function(builder.Type({}), {}, {0x0b});
    builder.Table(ValueType::kFuncref, 1, 1);
    builder.ElementSegment(form);
    const auto module = Parsed(builder.Build());
    CHECK_EQ(module->element_segments, 1u);
    CHECK(module->element_segment_types[0] == ValueType::kFuncref);
    CHECK(module->declared_references[0]);
  }
}
