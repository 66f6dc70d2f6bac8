#ifndef WASMSH_OPLOG_OP_SHAPE_H_
#define WASMSH_OPLOG_OP_SHAPE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/** The op log: what a guest asked of its host, in terms of WASI. */
namespace wasmsh::oplog {

/** How a field is found among the arguments of a call. */
enum class FieldKind : uint8_t {
  kNumber,  // the argument itself
  kPath,    // bytes at the address in the argument, as many as the next one says
  kWhence,  // the argument, numbered as preview 1 does
  kLength,  // of a buffer or of a list of buffers: the argument behind its address
  kResult,  // a number that the call wrote at the address in the argument, or its return value
};

/** One field of an op: a parameter of the call, or a result. */
struct Field {
  std::string name;  // as in the specification: "oflags"
  std::string type;  // as in the specification, without its "$": "fd", "filesize", "path", ...
  FieldKind kind = FieldKind::kNumber;
  uint8_t argument = 0;  // index among the arguments of the wasm function
  uint8_t bytes = 0;     // kResult: 2, 4 or 8
};

/** What is needed of a field at every call, close together. */
struct FieldCode {
  FieldKind kind = FieldKind::kNumber;
  uint8_t argument = 0;
  uint8_t bytes = 0;
};

/** Most fields of a shape, and most paths among them. An import has up to 16 parameters and a
 *  result. */
constexpr size_t kMaxFields = 17;
constexpr size_t kMaxPaths = 2;

/** A part of guest memory whose bytes belong to a call: the call takes them, or puts them there. */
struct DataPart {
  enum class Count : uint8_t {
    kFixed,     // one
    kArgument,  // the argument `count`
    kResult,    // what the call wrote at the address in the argument `count`
  };
  bool is_put = false;      // by the call
  bool is_vectors = false;  // the address is that of a list of buffers
  uint8_t address = 0;      // argument
  Count counted_by = Count::kFixed;
  uint8_t count = 0;
  uint8_t unit = 1;  // bytes, of each that is counted
  /** Laid out differently in old programs, so that it is kept of newer ones only. */
  bool is_preview1 = false;
};

/** What the ops of one call look like. Pointers are left out: they mean nothing to others. */
struct OpShape {
  std::string name;  // "path_open"
  std::vector<Field> fields;
  /** The same in short. */
  std::array<FieldCode, kMaxFields> codes;
  uint8_t field_count = 0;
  /** It can make, end or change a resource or its name: open, close, renumber, flags, rename. */
  bool changes_identity = false;
  bool has_paths = false;
  bool has_results = false;
  /** Arguments of the wasm function, those left out included. */
  uint8_t arguments = 0;
  /** In the order in which their bytes are kept. */
  std::vector<DataPart> data;

  /** Adds a field, of kMaxFields at most. */
  void Add(Field field) {
    codes[field_count++] = {field.kind, field.argument, field.bytes};
    fields.push_back(std::move(field));
  }
};

/** All calls of WASI preview 1, in alphabetical order. Their places are part of the log's format
 *  only within one process; in the log of a guest the imports that plugins provide come behind
 *  them. */
const std::vector<OpShape>& OpShapes();

/** Place of a call among the shapes; -1 for others. */
int FindOpShape(const std::string& name);

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_SHAPE_H_
