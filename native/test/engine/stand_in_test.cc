// What stands in for a module with SIMD where WAMR's interpreter instantiates one.

#include "engine/compiled/stand_in.h"

#include "test/wasm/module_builder.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT

namespace {

constexpr ValueType kI32 = ValueType::kI32;
constexpr ValueType kI64 = ValueType::kI64;
constexpr ValueType kV128 = ValueType::kV128;

Bytes VectorConst() {
  Bytes bytes = {0xfd, 0x0c};
  bytes.resize(2 + 16, 0x0b);  // each of them would be an end
  bytes.push_back(0x0b);
  return bytes;
}

Bytes Global(ValueType type, bool is_mutable, const Bytes& init) {
  return Concat({{uint8_t(type), uint8_t(is_mutable)}, init});
}

/** Types, an imported function and global, globals with vectors between, and two bodies. */
Bytes WithVectors() {
  const Bytes types = Concat({{2, 0x60},
                              TypeBytes({kI32, kV128}),
                              TypeBytes({kV128}),  //
                              {0x60},
                              TypeBytes({}),
                              TypeBytes({})});
  const Bytes imports = Concat({{2},
                                Sized(Text("env")),
                                Sized(Text("f")),
                                {0x00, 0x01},  //
                                Sized(Text("env")),
                                Sized(Text("g")),
                                {0x03, uint8_t(kV128), 0x00}});
  const Bytes globals = Concat({{4},
                                Global(kV128, true, VectorConst()),
                                Global(kI32, false, {0x41, 0x07, 0x0b}),
                                Global(kV128, false, VectorConst()),
                                Global(kI64, true, {0x42, 0x7f, 0x0b})});
  const Bytes exports = Concat({{1}, Sized(Text("_start")), {0x00, 0x02}});
  const Bytes grows = {0x00, 0x41, 0x00, 0x40, 0x00, 0x1a, 0x0b};
  const Bytes vector = Concat({{0x00}, {0x20, 0x01, 0x0b}});
  ModuleBuilder builder;
  builder.Section(1, types);
  builder.Section(2, imports);
  builder.Section(3, {2, 0, 1});
  builder.Section(5, {1, 0, 1});
  builder.Section(6, globals);
  builder.Section(7, exports);
  builder.Section(10, Concat({{2}, Sized(vector), Sized(grows)}));
  return builder.Build();
}

}  // namespace

TEST(HasTheSameNumbersOfEverythingAndNoVectors) {
  const auto module = Parsed(WithVectors());
  CHECK(module->uses_simd && module->grows_memory);
  const auto stand_in = Parsed(engine::StandIn(*module));

  CHECK(!stand_in->uses_simd);
  CHECK(stand_in->types[0].params == (std::vector<ValueType>{kI32, kI64, kI64}));
  CHECK(stand_in->types[0].results == (std::vector<ValueType>{kI64, kI64}));
  CHECK_EQ(stand_in->functions.size(), module->functions.size());
  CHECK_EQ(stand_in->imported_functions, 1u);
  CHECK_EQ(stand_in->FindExport("_start", wasm::ExternalKind::kFunction)->index, 2u);
  CHECK_EQ(stand_in->memories.size(), size_t{1});
  // WAMR would make a single page of a memory that nobody grows.
  CHECK(stand_in->grows_memory);
}

TEST(KeepsGlobalsAndPutsHighHalvesBehind) {
  const auto module = Parsed(WithVectors());
  const auto stand_in = Parsed(engine::StandIn(*module));

  CHECK_EQ(module->globals.size(), size_t{5});
  CHECK_EQ(stand_in->globals.size(), size_t{8});
  const ValueType types[] = {kI64, kI64, kI32, kI64, kI64, kI64, kI64, kI64};
  for (size_t i = 0; i < 8; i++) CHECK(stand_in->globals[i].type == types[i]);
  CHECK(stand_in->globals[1].is_mutable && !stand_in->globals[3].is_mutable);
  CHECK_EQ(engine::HighHalfGlobal(*module, 0), 5u);
  CHECK_EQ(engine::HighHalfGlobal(*module, 1), 6u);
  CHECK_EQ(engine::HighHalfGlobal(*module, 3), 7u);
}

TEST(ValidatesBodyByBody) {
  const auto stand_in = Parsed(engine::StandIn(*Parsed(WithVectors())));
  for (uint32_t i = stand_in->imported_functions; i < stand_in->functions.size(); i++) {
    Analysed(stand_in, i);
  }
}
