#include "wasm/float_constants.h"

#include "wasm/module_builder.h"

namespace {

using namespace wasmsh;
using test::Bytes;
using wasm::ValueType;

/** Float constants in a body and a global, among bytes that only look like some. */
struct Sample {
  // i32.const 0x44 (a padded LEB with 0x43 in it) / drop / f32.const / drop / f64.const / drop /
  // end
  const Bytes before = {0x41, 0xc4, 0x00, 0x1a, 0x41, 0xc3, 0xc4, 0x00, 0x1a};
  const Bytes f32 = {1, 2, 3, 4};
  const Bytes f64 = {11, 12, 13, 14, 15, 16, 17, 18};

  Bytes Build(const Bytes& single, const Bytes& twice) const {
    test::ModuleBuilder builder;
    const uint32_t type = builder.Type({});
    builder.Function(type, {},
                     test::Concat({before, {0x43}, single, {0x1a, 0x44}, twice, {0x1a, 0x0b}}));
    builder.Global(ValueType::kI32, false, {0x41, 0x44});
    builder.Global(ValueType::kF64, true, test::Concat({{0x44}, twice}));
    builder.Global(ValueType::kF32, true, test::Concat({{0x43}, single}));
    builder.Custom("like", {0x43, 1, 2, 3, 4});
    return builder.Build();
  }
};

Bytes Reversed(const Bytes& bytes) { return Bytes(bytes.rbegin(), bytes.rend()); }

TEST(float_constants_of_bodies_and_globals_are_reversed) {
  const Sample sample;
  const Bytes original = sample.Build(sample.f32, sample.f64);
  Bytes bytes = original;
  CHECK_OK(wasm::ReverseFloatConstants(*test::Parsed(original), &bytes));
  CHECK(bytes == sample.Build(Reversed(sample.f32), Reversed(sample.f64)));
  CHECK(bytes != original);
}

TEST(a_module_without_floats_stays_as_it_is) {
  test::ModuleBuilder builder;
  builder.Function(builder.Type({}), {}, test::Concat({Sample().before, {0x0b}}));
  const Bytes original = builder.Build();
  Bytes bytes = original;
  CHECK_OK(wasm::ReverseFloatConstants(*test::Parsed(original), &bytes));
  CHECK(bytes == original);
}

}  // namespace
