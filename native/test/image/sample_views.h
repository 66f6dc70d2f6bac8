#ifndef WASMSH_TEST_IMAGE_SAMPLE_VIEWS_H_
#define WASMSH_TEST_IMAGE_SAMPLE_VIEWS_H_

#include "image/view.h"
#include "test/wasm/module_builder.h"

/** A small module and states in which it can stand. */
namespace wasmsh::test {

// Functions of the module, by what they do. Offsets of instructions are in the bodies below.
constexpr uint32_t kImport = 0;
constexpr uint32_t kOtherImport = 1;
constexpr uint32_t kMain = 2;        // "_start"
constexpr uint32_t kCaller = 3;      // calls the import
constexpr uint32_t kTailCaller = 4;  // "tail": ends in a tail call of the import
constexpr uint32_t kIndirect = 5;    // calls through the table
constexpr uint32_t kThreadMain = 6;  // "wasi_thread_start": waits
constexpr uint32_t kCallsTail = 7;   // "calls_tail"
constexpr uint32_t kStartFunction = 8;

inline Bytes SampleModule(bool tail_calls = true) {
  const auto i32 = ValueType::kI32;
  ModuleBuilder builder;
  builder.Type({});
  builder.Type({i32}, {i32});
  builder.Type({i32, i32});
  builder.ImportFunction("env", "call", 1);
  builder.ImportFunction("env", "other", 1);
  builder.Function(0, {i32, ValueType::kI64, ValueType::kFuncref},
                   {0x41, 5, 0x10, kCaller, /*4*/ 0x1a, 0x0b});
  builder.Function(1, {}, {0x41, 7, /*2*/ 0x20, 0, 0x10, kImport, /*6*/ 0x6a, 0x0b});
  const uint8_t call = tail_calls ? 0x12 : 0x10;
  builder.Function(1, {}, {0x20, 0, call, kImport, /*4*/ 0x0b});
  builder.Function(1, {}, {0x20, 0, 0x41, 0, 0x11, 1, 0, /*7*/ 0x0b});
  builder.Function(2, {}, {0x41, 0x10, 0x41, 0, 0x42, 0x7f, 0xfe, 1, 2, 0, /*10*/ 0x1a, 0x0b});
  builder.Function(0, {}, {0x41, 1, 0x10, kTailCaller, /*4*/ 0x1a, 0x0b});
  builder.Function(0, {}, {0x01, 0x0b});
  builder.Table(ValueType::kFuncref, 2, 4);
  builder.Memory(1, 4, true);
  builder.Global(i32, true, {0x41, 0x2a});
  builder.Global(ValueType::kExternref, true, {0xd0, 0x6f});
  builder.ExportFunction("_start", kMain);
  builder.ExportFunction("_initialize", kStartFunction);
  builder.ExportFunction("tail", kTailCaller);
  builder.ExportFunction("import", kImport);
  builder.ExportFunction("indirect", kIndirect);
  builder.ExportFunction("calls_tail", kCallsTail);
  builder.ExportFunction("wasi_thread_start", kThreadMain);
  builder.Start(kStartFunction);
  builder.Elements({kCaller});
  builder.DataCount(1);
  builder.PassiveData("data");
  return builder.Build();
}

inline view::Value I32(uint32_t bits) { return {ValueType::kI32, {bits, 0}, true}; }
inline view::Value I64(uint64_t bits) { return {ValueType::kI64, {bits, 0}, true}; }
inline view::Value Null(ValueType type) { return {type, {view::kNullReference, 0}, true}; }

inline view::Instance SampleInstance() {
  view::Instance instance;
  instance.globals = {I32(42), Null(ValueType::kExternref)};
  instance.tables.push_back({ValueType::kFuncref, {kCaller, view::kNullReference}});
  instance.dropped_data = {false};
  instance.dropped_elements = {true};
  return instance;
}

/** Frame of kMain, behind its call. */
inline view::Frame MainFrame() {
  view::Frame frame;
  frame.function = kMain;
  frame.pc = 4;
  frame.locals = {I32(1), I64(uint64_t{1} << 40), Null(ValueType::kFuncref)};
  return frame;
}

/** Frame of kCaller in front of local.get, with one operand. */
inline view::Frame CallerFrame() {
  view::Frame frame;
  frame.function = kCaller;
  frame.pc = 2;
  frame.locals = {I32(5)};
  frame.operands = {I32(7)};
  return frame;
}

/** One thread, computing. */
inline view::View RunningView() {
  view::View view;
  for (size_t i = 0; i < view.module_sha256.size(); ++i) {
    view.module_sha256[i] = static_cast<uint8_t>(i * 7);
  }
  view.memories.push_back({2});
  view.instances.push_back(SampleInstance());
  view::Thread thread;
  thread.frames = {MainFrame(), CallerFrame()};
  thread.cpu_ns = 123456789;
  thread.position = 1000;
  view.threads.push_back(thread);
  view.monotonic_ns = 5000000000;
  view.environment.arguments = {"program", "--flag", ""};
  view.environment.environment = {"HOME=/", "EMPTY="};
  view.environment.entry_export = "_start";
  view.environment.deterministic = true;
  view.environment.random_state[3] = UINT64_MAX;
  view.environment.clock_step_ns = 1000;
  view::Descriptor input;
  input.kind = "stdin";
  input.stream = "pipe";
  input.unread = {'h', 'i', 0};
  view::Descriptor preopen;
  preopen.fd = 3;
  preopen.kind = "preopen";
  preopen.guest_path = "/data";
  view::Descriptor file;
  file.fd = 4;
  file.kind = "file";
  file.guest_path = "sub/../file.txt";
  file.preopen = 3;
  file.fdflags = 1;
  file.offset = 77;
  file.rights_base = UINT64_MAX;
  view.descriptors = {input, preopen, file};
  return view;
}

/** One thread, in the import. */
inline view::View HostCallView() {
  view::View view = RunningView();
  view::Thread& thread = view.threads[0];
  thread.frames[1].pc = 6;
  thread.status = view::ThreadStatus::kHostCall;
  thread.call.emplace();
  thread.call->import = kImport;
  thread.call->arguments = {I32(5)};
  thread.call->transferred = 12;
  thread.call->deadline_ns = 6000000000;
  thread.call->phase = 2;
  return view;
}

/** The import was reached by a tail call: its caller's frame is gone. */
inline view::View TailCallView() {
  view::View view = HostCallView();
  view.environment.entry_export = "calls_tail";
  view::Frame frame;
  frame.function = kCallsTail;
  frame.pc = 4;
  view.threads[0].frames = {frame};
  return view;
}

/** The entry itself ended in the tail call: there is no frame at all. */
inline view::View NoFrameView() {
  view::View view = HostCallView();
  view.environment.entry_export = "tail";
  view.environment.entry_arguments = {I32(5)};
  view.threads[0].frames.clear();
  return view;
}

/** A second thread waits. */
inline view::View WaitView() {
  view::View view = RunningView();
  view.instances.push_back(SampleInstance());
  view::Thread thread;
  thread.id = 1;
  thread.instance = 1;
  thread.status = view::ThreadStatus::kAtomicWait;
  view::Frame frame;
  frame.function = kThreadMain;
  frame.pc = 10;
  frame.locals = {I32(1), I32(0)};
  thread.frames = {frame};
  thread.wait.emplace();
  thread.wait->address = 16;
  thread.wait->width = 32;
  thread.wait->deadline_ns = 7;
  view.threads.push_back(thread);
  return view;
}

inline view::View TrappedView() {
  view::View view = RunningView();
  view.threads[0].status = view::ThreadStatus::kTrapped;
  view.threads[0].trap = view::Trap{"out of bounds memory access"};
  return view;
}

inline std::vector<view::View> SampleViews() {
  return {RunningView(), HostCallView(), TailCallView(), NoFrameView(), WaitView(), TrappedView()};
}

}  // namespace wasmsh::test

#endif  // WASMSH_TEST_IMAGE_SAMPLE_VIEWS_H_
