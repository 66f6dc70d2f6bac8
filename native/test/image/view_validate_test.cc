#include <functional>

#include "image/view.h"
#include "test/image/sample_views.h"

using namespace wasmsh;        // NOLINT: a test
using namespace wasmsh::test;  // NOLINT

namespace {

Status Check(const view::View& view, bool tail_calls = true) {
  wasm::ModuleAnalysis analysis(Parsed(SampleModule(tail_calls)));
  return view::Validate(view, &analysis);
}

struct Edit {
  const char* part;  // of the message
  std::function<void(view::View*)> apply;
};

void CheckRefused(const view::View& base, const std::vector<Edit>& edits,
                  const char* code = "SNAPSHOT_INVALID") {
  CHECK_OK(Check(base));
  for (const Edit& edit : edits) {
    view::View view = base;
    edit.apply(&view);
    const Status status = Check(view);
    if (status.code != code || !Contains(status.message, edit.part)) {
      CHECK_EQ(status.code + ": " + status.message, std::string(code) + ": ... " + edit.part);
    }
  }
}

view::Frame& Inner(view::View* view) { return view->threads[0].frames.back(); }

}  // namespace

TEST(StatesThatCanBeAreAccepted) {
  for (const view::View& view : SampleViews()) CHECK_OK(Check(view));
}

TEST(RefusesWhatTheModuleDoesNotHave) {
  CheckRefused(
      RunningView(),
      {
          {"has 0 memories", [](view::View* v) { v->memories.clear(); }},
          {"memory 0 has 5 pages", [](view::View* v) { v->memories[0].pages = 5; }},
          {"memory 0 has 0 pages", [](view::View* v) { v->memories[0].pages = 0; }},
          {"no instance", [](view::View* v) { v->instances.clear(); }},
          {"instance 0 has 1 globals", [](view::View* v) { v->instances[0].globals.pop_back(); }},
          {"instance 0, global 0 is i64",
           [](view::View* v) { v->instances[0].globals[0] = I64(1); }},
          {"bits outside its type",
           [](view::View* v) { v->instances[0].globals[0].bits[0] = uint64_t{1} << 32; }},
          {"bits outside its type", [](view::View* v) { v->instances[0].globals[0].bits[1] = 1; }},
          {"has no value", [](view::View* v) { v->instances[0].globals[0].available = false; }},
          {"0 tables", [](view::View* v) { v->instances[0].tables.clear(); }},
          {"another type",
           [](view::View* v) { v->instances[0].tables[0].type = ValueType::kExternref; }},
          {"1 elements, outside",
           [](view::View* v) { v->instances[0].tables[0].elements.pop_back(); }},
          {"5 elements, outside",
           [](view::View* v) { v->instances[0].tables[0].elements.resize(5); }},
          {"table 0, element 1 refers to function 9",
           [](view::View* v) { v->instances[0].tables[0].elements[1] = 9; }},
          {"data segments", [](view::View* v) { v->instances[0].dropped_data.clear(); }},
          {"element segments",
           [](view::View* v) { v->instances[0].dropped_elements.push_back(true); }},
      });
}

TEST(RefusesReferencesToTheHost) {
  CheckRefused(
      RunningView(),
      {{"instance 0, global 1", [](view::View* v) { v->instances[0].globals[1].bits[0] = 0; }}},
      "SNAPSHOT_EXTERNREF");
}

TEST(RefusesFramesThatCannotBe) {
  CheckRefused(
      RunningView(),
      {
          {"does not call function 0", [](view::View* v) { Inner(v).function = kImport; }},
          {"frame 0 is in function 0, which has no body",
           [](view::View* v) {
             v->environment.entry_export = "import";
             v->environment.entry_arguments = {I32(1)};
             v->threads[0].frames.erase(v->threads[0].frames.begin());
             Inner(v).function = kImport;
           }},
          {"does not call function 99", [](view::View* v) { Inner(v).function = 99; }},
          {"does not call function 5", [](view::View* v) { Inner(v).function = kIndirect; }},
          {"frame 1 has a wrong pc", [](view::View* v) { Inner(v).pc = 1; }},
          {"frame 1 has a wrong pc", [](view::View* v) { Inner(v).pc = 8; }},
          {"frame 1 has 1 operands instead of 0", [](view::View* v) { Inner(v).pc = 0; }},
          {"frame 1 has 1 operands instead of 2", [](view::View* v) { Inner(v).pc = 4; }},
          {"frame 1, operand 0 is i64", [](view::View* v) { Inner(v).operands[0] = I64(1); }},
          {"frame 1, operand 0 has no value",
           [](view::View* v) { Inner(v).operands[0].available = false; }},
          {"frame 1 has 0 locals", [](view::View* v) { Inner(v).locals.clear(); }},
          {"frame 0, local 2 refers to function 10",
           [](view::View* v) { v->threads[0].frames[0].locals[2].bits[0] = 10; }},
          {"frame 0 has a wrong pc", [](view::View* v) { v->threads[0].frames[0].pc = 2; }},
          {"frame 0 has a wrong pc", [](view::View* v) { v->threads[0].frames[0].pc = 5; }},
          {"frame 0 has 1 operands",
           [](view::View* v) { v->threads[0].frames[0].operands.push_back(I32(1)); }},
          {"the host called function 2",
           [](view::View* v) { v->threads[0].frames.erase(v->threads[0].frames.begin()); }},
          {"no frame", [](view::View* v) { v->threads[0].frames.clear(); }},
      });
  view::View dropped = RunningView();
  dropped.threads[0].frames[0].locals[0].available = false;
  CHECK_OK(Check(dropped));
}

TEST(RefusesThreadsThatCannotBe) {
  CheckRefused(
      RunningView(),
      {
          {"has 0 threads", [](view::View* v) { v->threads.clear(); }},
          {"no thread 0", [](view::View* v) { v->threads[0].id = 3; }},
          {"instance 1, which", [](view::View* v) { v->threads[0].instance = 1; }},
          {"records do not match",
           [](view::View* v) { v->threads[0].status = view::ThreadStatus::kTrapped; }},
          {"records do not match", [](view::View* v) { v->threads[0].trap.emplace(); }},
          {"the host called function 8",
           [](view::View* v) { v->threads[0].entry = view::Entry::kStart; }},
          {"the host called function 8",
           [](view::View* v) { v->threads[0].entry = view::Entry::kInitialize; }},
          {"names an entry export", [](view::View* v) { v->environment.entry_export = "none"; }},
          {"does not have", [](view::View* v) { v->environment.entry_export.clear(); }},
          {"entry export has 1 arguments",
           [](view::View* v) { v->environment.entry_arguments = {I32(1)}; }},
          {"one id",
           [](view::View* v) {
             v->instances.push_back(SampleInstance());
             v->threads.push_back(v->threads[0]);
             v->threads[1].instance = 1;
           }},
          {"one instance",
           [](view::View* v) {
             v->threads.push_back(v->threads[0]);
             v->threads[1].id = 1;
           }},
      });
}

TEST(TheStartFunctionHasAnEntryOfItsOwn) {
  view::View view = RunningView();
  view.threads[0].entry = view::Entry::kStart;
  view::Frame frame;
  frame.function = kStartFunction;
  view.threads[0].frames = {frame};
  CHECK_OK(Check(view));
  view.threads[0].entry = view::Entry::kInitialize;
  CHECK_OK(Check(view));
  view.threads[0].entry = view::Entry::kMain;
  CHECK(!Check(view).ok());
}

TEST(RefusesHostCallsThatCannotBe) {
  CheckRefused(HostCallView(),
               {
                   {"not what the innermost frame calls",
                    [](view::View* v) { v->threads[0].call->import = kOtherImport; }},
                   {"function 3, which is no import",
                    [](view::View* v) { v->threads[0].call->import = kCaller; }},
                   {"host call has 0 arguments",
                    [](view::View* v) { v->threads[0].call->arguments.clear(); }},
                   {"host call, argument 0 is i64",
                    [](view::View* v) { v->threads[0].call->arguments[0] = I64(1); }},
                   {"wrong pc", [](view::View* v) { Inner(v).pc = 4; }},
                   {"wrong pc", [](view::View* v) { Inner(v).pc = 7; }},
                   {"records do not match", [](view::View* v) { v->threads[0].call.reset(); }},
               });
}

TEST(TailCallsLeaveOnlyResultsToCompare) {
  CheckRefused(TailCallView(), {
                                   {"wrong pc", [](view::View* v) { Inner(v).pc = 5; }},
                                   {"the host called function 2",
                                    [](view::View* v) { v->environment.entry_export = "_start"; }},
                               });
  // Without a tail call in it, the function called must be the next frame's.
  CHECK(Contains(Check(TailCallView(), false).message, "not what the innermost frame calls"));
  CHECK(Contains(Check(NoFrameView(), false).message, "the host called function 4"));

  view::View exported = NoFrameView();
  exported.environment.entry_export = "import";
  CHECK_OK(Check(exported, false));
}

TEST(IndirectCallsAreComparedByType) {
  view::View view = RunningView();
  view.environment.entry_export = "indirect";
  view.environment.entry_arguments = {I32(0)};
  view::Frame outer;
  outer.function = kIndirect;
  outer.pc = 7;
  outer.locals = {I32(0)};
  view.threads[0].frames = {outer, CallerFrame()};
  CHECK_OK(Check(view, true));
  CHECK_OK(Check(view, false));

  view::Frame wrong;
  wrong.function = kStartFunction;
  view.threads[0].frames[1] = wrong;
  CHECK(Contains(Check(view, true).message, "does not call function 8"));

  view.threads[0].frames = {outer};
  view.threads[0].status = view::ThreadStatus::kHostCall;
  view.threads[0].call.emplace();
  view.threads[0].call->import = kOtherImport;
  view.threads[0].call->arguments = {I32(0)};
  CHECK_OK(Check(view, false));
}

TEST(RefusesWaitsThatCannotBe) {
  CheckRefused(
      WaitView(),
      {
          {"thread 1, wait is at address 17",
           [](view::View* v) { v->threads[1].wait->address = 17; }},
          {"thread 1, wait is at address 131072",
           [](view::View* v) { v->threads[1].wait->address = 131072; }},
          {"wait is at address",
           [](view::View* v) { v->threads[1].wait->address = UINT64_MAX - 3; }},
          {"not what the innermost frame does",
           [](view::View* v) { v->threads[1].wait->width = 64; }},
          {"wrong pc", [](view::View* v) { v->threads[1].frames[0].pc = 6; }},
          {"the host called function 6",
           [](view::View* v) { v->threads[1].frames[0] = CallerFrame(); }},
          {"only thread 0", [](view::View* v) { v->threads[1].entry = view::Entry::kStart; }},
          {"one place of a wait queue",
           [](view::View* v) {
             v->instances.push_back(SampleInstance());
             v->threads.push_back(v->threads[1]);
             v->threads[2].id = 2;
             v->threads[2].instance = 2;
           }},
      });
  view::View three = WaitView();
  three.instances.push_back(SampleInstance());
  three.threads.push_back(three.threads[1]);
  three.threads[2].id = 2;
  three.threads[2].instance = 2;
  three.threads[2].wait->queue_position = 1;
  CHECK_OK(Check(three));
}

TEST(RefusesDescriptorsThatCannotBe) {
  CheckRefused(
      RunningView(),
      {
          {"descriptor 4 is of a kind", [](view::View* v) { v->descriptors[2].kind = "device"; }},
          {"descriptor 0 is connected", [](view::View* v) { v->descriptors[0].stream = "radio"; }},
          {"zero byte",
           [](view::View* v) { v->descriptors[1].guest_path = std::string("a\0b", 3); }},
          {"leaves its", [](view::View* v) { v->descriptors[2].guest_path = "/etc/passwd"; }},
          {"leaves its", [](view::View* v) { v->descriptors[2].guest_path = "a/../../b"; }},
          {"leaves its", [](view::View* v) { v->descriptors[2].guest_path = ".."; }},
          {"flags", [](view::View* v) { v->descriptors[2].fdflags = 0x20; }},
          {"offset", [](view::View* v) { v->descriptors[2].offset = UINT64_MAX; }},
          {"number twice", [](view::View* v) { v->descriptors[2].fd = 3; }},
          {"argument or variable",
           [](view::View* v) { v->environment.arguments[0] = std::string(1, '\0'); }},
      });
}

TEST(OperandTypesOfOuterAndInnermostFrames) {
  wasm::ModuleAnalysis analysis(Parsed(SampleModule()));
  std::vector<ValueType> types;
  CHECK_OK(view::OperandTypes(&analysis, kCaller, 6, true, &types));
  CHECK(types == std::vector<ValueType>({ValueType::kI32}));
  CHECK_OK(view::OperandTypes(&analysis, kCaller, 6, false, &types));
  CHECK(types == std::vector<ValueType>({ValueType::kI32, ValueType::kI32}));
  CHECK_OK(view::OperandTypes(&analysis, kIndirect, 7, true, &types));
  CHECK(types.empty());
  CHECK_OK(view::OperandTypes(&analysis, kThreadMain, 10, true, &types));
  CHECK(types.empty());
  CHECK_OK(view::OperandTypes(&analysis, kThreadMain, 10, false, &types));
  CHECK(types == std::vector<ValueType>({ValueType::kI32}));
  for (const uint32_t pc : {0u, 1u, 2u, 7u, 100u}) {
    CHECK_EQ(view::OperandTypes(&analysis, kCaller, pc, true, &types).code,
             std::string("PC_INVALID"));
  }
  CHECK_EQ(view::OperandTypes(&analysis, kImport, 0, false, &types).code,
           std::string("MODULE_INVALID"));
}

TEST(DeepStacksAreCheckedQuickly) {
  view::View view = RunningView();
  ModuleBuilder builder;
  const uint32_t type = builder.Type({ValueType::kI32}, {ValueType::kI32});
  // Recursion inside 40 blocks.
  Bytes code;
  for (int i = 0; i < 40; ++i) Append(&code, {0x02, 0x40});
  Append(&code, {0x20, 0, 0x10, 0});
  const auto behind = static_cast<uint32_t>(code.size());
  code.push_back(0x1a);
  code.insert(code.end(), 40, 0x0b);
  Append(&code, {0x20, 0, 0x0b});
  builder.Function(type, {ValueType::kI64, ValueType::kF64}, code);
  builder.ExportFunction("f", 0);
  view.memories.clear();
  view.instances = {view::Instance()};
  view.environment.entry_export = "f";
  view.environment.entry_arguments = {I32(1)};
  view::Frame frame;
  frame.pc = behind;
  frame.locals = {I32(1), I64(2), {ValueType::kF64, {3, 0}, true}};
  view.threads[0].frames.assign(100000, frame);
  view.threads[0].frames.back().pc = 0;
  wasm::ModuleAnalysis analysis(Parsed(builder.Build()));
  CHECK_OK(view::Validate(view, &analysis));
  view.threads[0].frames[77777].operands.push_back(I32(1));
  CHECK(Contains(view::Validate(view, &analysis).message, "thread 0, frame 77777"));
  view.threads[0].frames.assign((1 << 20) + 1, frame);
  CHECK(Contains(view::Validate(view, &analysis).message, "1048577 frames"));
}
