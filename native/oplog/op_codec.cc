#include "oplog/op_codec.h"

#include <algorithm>
#include <cstring>

namespace wasmsh::oplog {
namespace {

constexpr size_t kLongLength = 3;  // bytes of a padded length, good up to 2 MiB

// Flags: what differs from a call of the main thread that succeeded, and was not counted.
constexpr uint8_t kHasFrames = 1;
constexpr uint8_t kHasThread = 2;
constexpr uint8_t kHasError = 4;
constexpr uint8_t kHasPosition = 8;
constexpr uint8_t kHasWrites = 16;
constexpr uint8_t kHasData = 32;
constexpr uint8_t kAllFlags = 63;

uint8_t* PutNumber(uint8_t* to, uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<uint8_t>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<uint8_t>(value);
  return to;
}

void PutLongLength(uint8_t* to, size_t length) {
  to[0] = static_cast<uint8_t>(length | 0x80);
  to[1] = static_cast<uint8_t>(length >> 7 | 0x80);
  to[2] = static_cast<uint8_t>(length >> 14);
}

/** `flags`: of frames, writes and data. */
uint8_t* PutHead(uint8_t* at, uint32_t shape, uint32_t thread, uint16_t error, uint64_t position,
                 uint8_t flags) {
  at = PutNumber(at, shape);
  if (thread != 0) flags |= kHasThread;
  if (error != 0) flags |= kHasError;
  if (position != 0) flags |= kHasPosition;
  *at++ = flags;
  if (thread != 0) at = PutNumber(at, thread);
  if (error != 0) at = PutNumber(at, error);
  if (position != 0) at = PutNumber(at, position);
  return at;
}

uint8_t* PutFrames(uint8_t* at, const OpRecord& record) {
  const size_t count = std::min(record.frame_count, kMaxOpFrames);
  at = PutNumber(at, count);
  for (size_t i = 0; i < count; ++i) {
    at = PutNumber(at, record.frames[i].function);
    at = PutNumber(at, record.frames[i].pc);
  }
  return at;
}

uint8_t* PutWrites(uint8_t* at, const OpRecord& record) {
  const size_t count = std::min(record.write_count, kMaxOpWrites);
  at = PutNumber(at, count);
  size_t left = kMaxWriteBytes;
  for (size_t i = 0; i < count; ++i) {
    const OpWrite& write = record.writes[i];
    const std::string_view bytes = write.bytes.substr(0, left);
    at = PutNumber(at, write.address);
    at = PutNumber(at, write.length);
    at = PutNumber(at, bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    at += bytes.size();
    left -= bytes.size();
  }
  return at;
}

/** Reads numbers up to `end`; `ok` is false from the first bad one on. */
struct Reader {
  const uint8_t* at;
  const uint8_t* end;
  bool ok = true;

  uint64_t Number(uint64_t most = UINT64_MAX) {
    uint64_t value = 0;
    for (uint32_t shift = 0; ok && shift < 64; shift += 7) {
      if (at == end) break;
      const uint8_t byte = *at++;
      if (shift == 63 && byte > 1) break;
      value |= uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) {
        if (value > most) break;
        return value;
      }
    }
    ok = false;
    return 0;
  }

  std::string Bytes(size_t length) {
    if (!ok || length > size_t(end - at)) {
      ok = false;
      return {};
    }
    std::string bytes(reinterpret_cast<const char*>(at), length);
    at += length;
    return bytes;
  }
};

}  // namespace

NumbersEncoder::NumbersEncoder(uint8_t* to, uint32_t shape, uint32_t thread, uint16_t error,
                               uint64_t position)
    : to_(to), at_(PutHead(to + 1, shape, thread, error, position, 0)) {}

size_t EncodeOp(const OpRecord& record, uint8_t* to, const std::vector<OpShape>& shapes) {
  const OpShape& shape = shapes[record.shape];
  const bool is_short = HasOnlyNumbers(shape, record);
  uint8_t* const body = to + (is_short ? 1 : kLongLength);
  uint8_t more = record.frame_count > 0 ? kHasFrames : 0;
  if (record.write_count > 0) more |= kHasWrites;
  if (record.data) more |= kHasData;
  uint8_t* at = PutHead(body, record.shape, record.thread, record.error, record.position, more);
  if (record.data) at = PutNumber(PutNumber(at, record.data->offset), record.data->length);
  const std::string_view* path = record.paths;
  for (size_t i = 0; i < shape.field_count; ++i) {
    const FieldKind kind = shape.codes[i].kind;
    if (kind == FieldKind::kResult && record.error != 0) break;  // they stand last
    if (kind != FieldKind::kPath) {
      at = PutNumber(at, record.numbers[i]);
      continue;
    }
    const std::string_view bytes = path++->substr(0, kMaxPathBytes);
    at = PutNumber(at, bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    at += bytes.size();
  }
  if (record.frame_count > 0) at = PutFrames(at, record);
  if (record.write_count > 0) at = PutWrites(at, record);
  if (is_short) {
    *to = static_cast<uint8_t>(at - body);
  } else {
    PutLongLength(to, size_t(at - body));
  }
  return size_t(at - to);
}

size_t DecodeOp(const uint8_t* from, size_t size, Op* op, const std::vector<OpShape>& shapes) {
  *op = {};
  Reader whole{from, from + size};
  const uint64_t length = whole.Number(kMaxOpBytes);
  if (!whole.ok || length > uint64_t(whole.end - whole.at)) return 0;
  Reader body{whole.at, whole.at + length};
  op->shape = static_cast<uint32_t>(body.Number(shapes.size() - 1));
  const uint64_t flags = body.Number(kAllFlags);
  if ((flags & kHasThread) != 0) op->thread = static_cast<uint32_t>(body.Number(UINT32_MAX));
  if ((flags & kHasError) != 0) op->error = static_cast<uint16_t>(body.Number(UINT16_MAX));
  if ((flags & kHasPosition) != 0) op->position = body.Number();
  if ((flags & kHasData) != 0) {
    op->data.emplace();
    op->data->offset = body.Number();
    op->data->length = body.Number();
  }
  if (!body.ok) return 0;
  const std::vector<Field>& fields = shapes[op->shape].fields;
  op->numbers.resize(fields.size());
  op->paths.resize(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == FieldKind::kResult && op->error != 0) continue;
    const uint64_t number = body.Number();
    if (fields[i].kind == FieldKind::kPath) {
      op->paths[i] = body.Bytes(number);
    } else {
      op->numbers[i] = number;
    }
  }
  if ((flags & kHasFrames) != 0) {
    op->frames.resize(body.Number(kMaxOpFrames));
    for (OpFrame& frame : op->frames) {
      frame.function = static_cast<uint32_t>(body.Number(UINT32_MAX));
      frame.pc = static_cast<uint32_t>(body.Number(UINT32_MAX));
    }
  }
  if ((flags & kHasWrites) != 0) {
    op->writes.resize(body.Number(kMaxOpWrites));
    for (Op::Write& write : op->writes) {
      write.address = body.Number();
      write.length = body.Number();
      write.bytes = body.Bytes(body.Number(kMaxWriteBytes));
    }
  }
  if (!body.ok || body.at != body.end) return 0;
  return size_t(body.end - from);
}

}  // namespace wasmsh::oplog
