#include "test/wasm/module_builder.h"
#include "wasm/module.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT
using namespace wasmsh::wasm;  // NOLINT

namespace {

constexpr auto kI32 = ValueType::kI32;

struct Refusal {
  const char* part;  // of the message
  Bytes bytes;
};

Bytes WithSection(uint8_t id, const Bytes& contents) {
  ModuleBuilder builder;
  builder.Section(id, contents);
  return builder.Build();
}

/** One function of type () with this body, a memory and a table. */
Bytes WithBody(const Bytes& code) {
  ModuleBuilder builder;
  builder.Memory(1, 1);
  builder.Table(ValueType::kFuncref, 1, 1);
  builder.Function(builder.Type({}), {}, code);
  return builder.Build();
}

void CheckAll(const char* code, const std::vector<Refusal>& cases) {
  for (const Refusal& c : cases) {
    const Status status = ParseError(c.bytes);
    const std::string seen = status.code + ": " + status.message;
    if (status.code != code || !Contains(status.message, c.part)) {
      CHECK_EQ(seen, std::string(code) + ": ... " + c.part);
    }
    CHECK(!status.message.empty() && status.message.back() != '.');
  }
}

}  // namespace

TEST(SaysWhatAFileIsThatIsNoModule) {
  CheckAll("MODULE_NOT_WASM", {
                                  {"empty", {}},
                                  {"WebAssembly text", Text("(module)")},
                                  {"native program", Text("\x7f"
                                                          "ELF\x02\x01")},
                                  {"script", Text("#!/bin/sh\n")},
                                  {"does not begin", Text("hello, world")},
                                  {"compiled code of WAMR", {0, 'a', 'o', 't', 5, 0, 0, 0}},
                              });
}

TEST(EveryTruncationIsRefused) {
  ModuleBuilder builder;
  const uint32_t type = builder.Type({}, {kI32});
  builder.Function(type, {kI32}, {0x41, 0x07, 0x0b});
  builder.Memory(1, 1);
  builder.ExportFunction("f", 0);
  builder.DataCount(1);
  builder.PassiveData("x");
  const Bytes whole = builder.Build();
  Parsed(whole);
  int truncated = 0;
  for (size_t size = 1; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<long>(size));
    std::shared_ptr<const Module> module;
    const Status status = Module::Parse(std::make_shared<const Bytes>(cut), &module);
    // A module that ends between sections before its functions are declared is a smaller module.
    if (status.ok()) continue;
    if (size >= 4) CHECK_EQ(status.code, std::string("MODULE_TRUNCATED"));
    ++truncated;
  }
  CHECK(truncated > static_cast<int>(whole.size()) - 4);
}

TEST(NamesTheFeatureThatIsMissing) {
  const Bytes global_end = {0x00, 0x41, 0x00, 0x0b};
  CheckAll(
      "UNSUPPORTED_FEATURE",
      {
          {"component model", {0, 'a', 's', 'm', 0x0d, 0, 1, 0}},
          {"version 2", {0, 'a', 's', 'm', 2, 0, 0, 0}},
          {"memory64", WithSection(5, {1, 0x04, 1})},
          {"memory64", WithSection(4, {1, 0x70, 0x04, 1})},
          {"multi-memory", WithSection(5, {2, 0, 1, 0, 1})},
          {"multi-memory", WithBody({0x41, 0, 0x28, 0x42, 0, 0, 0x1a, 0x0b})},
          {"multi-memory", WithBody({0x3f, 0x01, 0x1a, 0x0b})},
          {"multi-memory", WithSection(11, {1, 2, 1, 0x41, 0, 0x0b, 0})},
          {"custom page sizes", WithSection(5, {1, 0x08, 1, 0})},
          {"exception handling", WithSection(13, {1, 0, 0})},
          {"exception handling", WithBody({0x06, 0x40, 0x0b, 0x0b})},
          {"exception handling", WithBody({0x08, 0x00, 0x0b})},
          {"exception handling", WithBody({0x1f, 0x40, 0x00, 0x0b, 0x0b})},
          {"exception handling", WithSection(6, Concat({{1, 0x69}, global_end}))},
          {"garbage collection", WithSection(1, {1, 0x5f, 0x00})},
          {"garbage collection", WithSection(1, {1, 0x4e, 0x01, 0x60, 0x00, 0x00})},
          {"garbage collection", WithSection(1, {1, 0x60, 0x01, 0x6e, 0x00})},
          {"garbage collection", WithBody({0xfb, 0x00, 0x00, 0x0b})},
          {"typed function references", WithSection(1, {1, 0x60, 0x01, 0x64, 0x70, 0x00})},
          {"typed function references", WithBody({0x14, 0x00, 0x0b})},
          {"typed function references", WithSection(4, {1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b})},
          {"relaxed SIMD", WithBody({0xfd, 0x80, 0x02, 0x0b})},
          {"wide arithmetic", WithBody({0xfc, 0x13, 0x0b})},
          {"stack switching", WithBody({0xe2, 0x00, 0x0b})},
      });
}

TEST(RefusesMalformedSections) {
  CheckAll("MODULE_INVALID",
           {
               {"out of order", Concat({WithSection(3, {0}), {1, 1, 0}})},
               {"repeated", Concat({WithSection(1, {0}), {1, 1, 0}})},
               {"unknown section", Concat({WithSection(1, {0}), {42, 0}})},
               {"longer than its contents", WithSection(1, {0, 0})},
               {"unexpected end", WithSection(1, {5})},
               {"invalid form", WithSection(1, {1, 0x61, 0, 0})},
               {"invalid value type", WithSection(1, {1, 0x60, 1, 0x01, 0})},
               {"unknown type", WithSection(3, {1, 0})},
               {"unknown type", WithSection(2, {1, 0, 0, 0, 7})},
               {"invalid kind of import", WithSection(2, {1, 0, 0, 9, 7})},
               {"UTF-8", WithSection(2, {1, 1, 0xff, 0, 0, 7})},
               {"at most 65536 pages", WithSection(5, {1, 0, 0x81, 0x80, 0x04})},
               {"greater than maximum", WithSection(5, {1, 1, 2, 1})},
               {"must have a maximum", WithSection(5, {1, 2, 1})},
               {"invalid limits", WithSection(5, {1, 0x10, 1})},
               {"greater than maximum", WithSection(4, {1, 0x70, 1, 2, 1})},
               {"invalid reference type", WithSection(4, {1, 0x7f, 0, 1})},
               {"invalid mutability", WithSection(6, {1, 0x7f, 5, 0x41, 0, 0x0b})},
               {"type mismatch", WithSection(6, {1, 0x7f, 0, 0x42, 0, 0x0b})},
               {"constant expression required", WithSection(6, {1, 0x7f, 0, 0x41, 0, 0x45, 0x0b})},
               {"unknown global", WithSection(6, {1, 0x7f, 0, 0x23, 0, 0x0b})},
               {"unknown function", WithSection(6, {1, 0x70, 0, 0xd2, 0, 0x0b})},
               {"unknown index", WithSection(7, {1, 0, 0, 0})},
               {"invalid kind of export", WithSection(7, {1, 0, 7, 0})},
               {"unknown function", WithSection(8, {0})},
               {"unknown table", WithSection(9, {1, 0, 0x41, 0, 0x0b, 0})},
               {"invalid kind of element", WithSection(9, {1, 9, 0})},
               {"unknown memory", WithSection(11, {1, 0, 0x41, 0, 0x0b, 0})},
               {"invalid kind of data", WithSection(11, {1, 3, 0, 0})},
               {"inconsistent lengths", WithSection(10, {1, 2, 0, 0x0b})},
           });
}

TEST(RefusesWhatSectionsDoNotAgreeOn) {
  ModuleBuilder duplicate;
  duplicate.Memory(1, 1);
  duplicate.Export("a", ExternalKind::kMemory, 0);
  duplicate.Export("a", ExternalKind::kMemory, 0);
  ModuleBuilder start;
  start.Function(start.Type({kI32}), {}, {0x0b});
  start.Start(0);
  ModuleBuilder count;
  count.DataCount(2);
  count.PassiveData("x");
  ModuleBuilder no_count;
  no_count.Function(no_count.Type({}), {}, {0xfc, 0x09, 0x00, 0x0b});
  no_count.PassiveData("x");
  CheckAll("MODULE_INVALID", {{"duplicate export", duplicate.Build()},
                              {"must take and give nothing", start.Build()},
                              {"inconsistent lengths", count.Build()},
                              {"data count section required", no_count.Build()}});
}

TEST(RefusesMalformedBodies) {
  CheckAll("MODULE_INVALID",
           {
               {"unknown opcode", WithBody({0xff, 0x0b})},
               {"unknown opcode", WithBody({0x27, 0x0b})},
               {"unexpected end", WithBody({0x01})},
               {"unexpected end", WithBody({0x02, 0x40, 0x0b})},
               {"follow the function's end", WithBody({0x0b, 0x01})},
               {"integer too large", WithBody({0x41, 0xff, 0xff, 0xff, 0xff, 0x4f, 0x1a, 0x0b})},
               {"zero byte", WithBody({0x3f, 0x80, 0x00, 0x1a, 0x0b})},
               {"zero byte", WithBody({0xfe, 0x03, 0x01, 0x0b})},
               {"longer than what is left", WithBody({0x0e, 0xff, 0x7f, 0x0b})},
           });
}

TEST(LocalsAreBoundedBeforeTheyAreMade) {
  ModuleBuilder builder;
  builder.Type({});
  builder.Section(3, {1, 0});
  const Bytes body = Concat({Leb(1), Leb(0xffffffff), {0x7f, 0x0b}});
  builder.Section(10, Concat({Leb(1), Sized(body)}));
  CheckAll("MODULE_INVALID", {{"too many locals", builder.Build()}});

  // Each function within its limit, all together not.
  ModuleBuilder many;
  many.Type({});
  const Bytes big = Sized(Concat({Leb(1), Leb(65535), {0x7f, 0x0b}}));
  const uint32_t functions = 1100;
  many.Section(3, Concat({Leb(functions), Bytes(functions, 0)}));
  Bytes bodies = Leb(functions);
  for (uint32_t i = 0; i < functions; ++i) Append(&bodies, big);
  many.Section(10, bodies);
  CheckAll("MODULE_INVALID", {{"too many locals", many.Build()}});
}
