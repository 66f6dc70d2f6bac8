#ifndef WASMSH_IMAGE_VIEW_H_
#define WASMSH_IMAGE_VIEW_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "status.h"
#include "wasm/analysis.h"
#include "wasm/types.h"

/** The wasm view: the one canonical state of a paused guest, free of CPU, engine and host. */
namespace wasmsh::view {

using wasm::ValueType;

/** A reference that is null, in Value::bits[0] and in tables. */
constexpr uint64_t kNullReference = UINT64_MAX;

/** One typed value. Integers and floats by their bits, zero-extended; a funcref by its function
 *  index or kNullReference; an externref can only be kNullReference; v128 uses both words. */
struct Value {
  ValueType type = ValueType::kI32;
  std::array<uint64_t, 2> bits = {0, 0};
  /** False for a local that compiled code has dropped: shown so, recovered as zero. */
  bool available = true;
};

/** One call frame; see the pc rules in docs/snapshot-format.md. */
struct Frame {
  uint32_t function = 0;
  uint32_t pc = 0;
  std::vector<Value> locals;
  std::vector<Value> operands;
};

/** A host call that has begun and has not returned. The innermost frame's pc is behind the call,
 *  its arguments are popped, its results not yet pushed. */
struct PendingCall {
  uint32_t import = 0;  // index in the function index space
  std::vector<Value> arguments;
  uint64_t transferred = 0;             // bytes already moved by this call
  std::optional<uint64_t> deadline_ns;  // in guest monotonic time
  uint32_t phase = 0;                   // meaning is the call's own, 0 at first
};

/** A thread in memory.atomic.wait: the innermost frame stands behind the instruction, its three
 *  operands popped, the result not yet pushed. */
struct AtomicWait {
  uint64_t address = 0;
  uint32_t width = 32;                  // bits compared
  std::optional<uint64_t> deadline_ns;  // in guest monotonic time
  uint32_t queue_position = 0;
};

enum class ThreadStatus : uint8_t {
  kRunning = 0,     // will execute the instruction at the innermost pc
  kHostCall = 1,    // `call` is set
  kAtomicWait = 2,  // `wait` is set
  kTrapped = 3,     // `trap` is set; resuming tries the instruction again
};

struct Trap {
  std::string reason;  // as the specification's tests spell it: "out of bounds memory access"
};

/** What the host had called, outermost, and what it still has to call when that returns. */
enum class Entry : uint8_t { kStart = 0, kInitialize = 1, kMain = 2 };

struct Thread {
  uint32_t id = 0;  // guest thread id, 0 is the main thread
  uint32_t instance = 0;
  Entry entry = Entry::kMain;
  ThreadStatus status = ThreadStatus::kRunning;
  std::vector<Frame> frames;  // outermost first
  std::optional<PendingCall> call;
  std::optional<AtomicWait> wait;
  std::optional<Trap> trap;
  uint64_t cpu_ns = 0;
  /** Instructions executed so far, where they were counted from the beginning. */
  std::optional<uint64_t> position;
};

struct Table {
  ValueType type = ValueType::kFuncref;
  std::vector<uint64_t> elements;  // function index or kNullReference
};

struct Instance {
  std::vector<Value> globals;  // whole index space
  std::vector<Table> tables;   // whole index space
  std::vector<bool> dropped_data;
  std::vector<bool> dropped_elements;
};

/** Contents travel apart, in an image. */
struct Memory {
  uint64_t pages = 0;  // of 64 KiB
};

/** What `run` was told that the guest can observe; goes with it. */
struct Environment {
  std::vector<std::string> arguments;    // argv, program name first
  std::vector<std::string> environment;  // KEY=VALUE
  std::string entry_export;              // "_start", or the export given by --invoke
  std::vector<Value> entry_arguments;
  bool deterministic = false;
  uint64_t random_state[4] = {0, 0, 0, 0};
  uint64_t clock_reads = 0;       // deterministic runs: clock calls so far
  uint64_t realtime_base_ns = 0;  // deterministic runs: real time at the start
  uint64_t clock_step_ns = 0;
};

/** Marks a file or directory that was deleted while it was open: guest_path is no way back to it.
 */
constexpr const char* kNameless = "nameless";

/** Standard streams, preopens and open files, in the order in which they were opened. */
struct Descriptor {
  uint32_t fd = 0;  // guest number
  /** "stdin" "stdout" "stderr" "preopen" "file" "directory" "provided" "resource". */
  std::string kind;
  /** preopen: its guest path; file, directory: path below the preopen; resource (what a plugin
   * keeps): the standard stream that it stands for, "" for none. */
  std::string guest_path;
  uint32_t preopen = 0;  // file, directory: descriptor of the preopen that it was opened below
  uint16_t fdflags = 0;  // WASI fdflags
  uint64_t rights_base = 0;
  uint64_t rights_inheriting = 0;
  uint64_t offset = 0;       // bytes from the start; files only. Of "provided": the plugin's number
  uint64_t size = 0;         // of the file at the snapshot, to tell whether it changed
  uint64_t modified_ns = 0;  // likewise
  /** stdin only: bytes that were given to the guest and not yet read. */
  std::vector<uint8_t> unread;
  /** How stdio is connected: "terminal" "pipe" "file" "null". Of a file or directory: kNameless or
   * "". Of one that is "provided": the plugin. */
  std::string stream;
};

struct View {
  std::array<uint8_t, 32> module_sha256 = {};
  std::vector<Memory> memories;
  std::vector<Instance> instances;
  std::vector<Thread> threads;
  uint64_t monotonic_ns = 0;  // guest monotonic time; stands still while parked
  Environment environment;
  std::vector<Descriptor> descriptors;
};

/** Encodes as docs/snapshot-format.md says ("state.bin"): little-endian, versioned, checksummed. */
std::vector<uint8_t> Encode(const View& view);

/**
 * Decodes; checks magic, version, checksum and every bound before it allocates.
 * Codes: SNAPSHOT_FORMAT (wrong magic or version), SNAPSHOT_CORRUPT (all else).
 */
Status Decode(const uint8_t* bytes, size_t size, View* out);

/**
 * Checks a view against its module, in full, before anything is touched: pcs at instruction starts,
 * value types as validation gives them, callees that match, table and global types, memory limits,
 * dropped segment counts, references to existing functions, pending imports and arguments.
 * Codes: SNAPSHOT_INVALID with the place ("thread 0, frame 3 ..."), SNAPSHOT_EXTERNREF for a
 * reference to something of the host.
 */
Status Validate(const View& view, wasm::ModuleAnalysis* analysis);

/** The operand types that the innermost (or an outer) frame must hold; shared by Validate and by
 *  the engine's reading of frames. For an outer frame, or the innermost of a thread in a host call
 *  or wait, `pc` stands behind the call and its results are not there yet. Codes: PC_INVALID,
 *  PC_UNREACHABLE, MODULE_INVALID (no such function, or its body does not validate). */
Status OperandTypes(wasm::ModuleAnalysis* analysis, uint32_t function, uint32_t pc, bool in_call,
                    std::vector<ValueType>* out);

}  // namespace wasmsh::view

#endif  // WASMSH_IMAGE_VIEW_H_
