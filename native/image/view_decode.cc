#include <cstring>

#include "image/crc32c.h"
#include "image/view.h"
#include "image/view_format.h"

namespace wasmsh::view {
namespace {

Status Corrupt(const std::string& why) {
  return Status::Error("SNAPSHOT_CORRUPT", "The snapshot's state.bin is damaged: " + why);
}

bool IsValueType(uint8_t byte) {
  switch (static_cast<ValueType>(byte)) {
    case ValueType::kI32:
    case ValueType::kI64:
    case ValueType::kF32:
    case ValueType::kF64:
    case ValueType::kV128:
    case ValueType::kFuncref:
    case ValueType::kExternref:
      return true;
  }
  return false;
}

ValueType GetValueType(ByteReader* reader) {
  const uint8_t byte = reader->U8();
  if (IsValueType(byte)) return static_cast<ValueType>(byte);
  reader->Fail();
  return ValueType::kI32;
}

// GetAll below calls any of these.
void Get(ByteReader* reader, Memory* out);
void Get(ByteReader* reader, Table* out);
void Get(ByteReader* reader, Instance* out);
void Get(ByteReader* reader, Frame* out);
void Get(ByteReader* reader, Thread* out);
void Get(ByteReader* reader, Descriptor* out);

void Get(ByteReader* reader, std::string* out) {
  const uint32_t size = reader->Count(1);
  const uint8_t* bytes = reader->Bytes(size);
  // SAFETY: any object may be read as char; the range was checked by Bytes.
  if (bytes != nullptr) out->assign(reinterpret_cast<const char*>(bytes), size);
}

void Get(ByteReader* reader, std::optional<uint64_t>* out) {
  if (reader->Flag()) *out = reader->U64();
}

void Get(ByteReader* reader, Value* out) {
  out->type = GetValueType(reader);
  out->available = reader->Flag();
  switch (out->type) {
    case ValueType::kI32:
    case ValueType::kF32:
      out->bits[0] = reader->U32();
      return;
    case ValueType::kV128:
      out->bits[0] = reader->U64();
      out->bits[1] = reader->U64();
      return;
    default:
      out->bits[0] = reader->U64();
  }
}

/** A list of things that `Get` reads, `element_bytes` or more each. */
template <typename T>
void GetAll(ByteReader* reader, uint32_t element_bytes, std::vector<T>* out) {
  const uint32_t count = reader->Count(element_bytes);
  out->reserve(count);
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    out->emplace_back();
    Get(reader, &out->back());
  }
}

void Get(ByteReader* reader, std::vector<bool>* out) {
  const uint32_t count = reader->U32();
  const uint8_t* bytes = reader->Bytes((size_t{count} + 7) / 8);
  if (bytes == nullptr) return;
  out->resize(count);
  for (uint32_t i = 0; i < count; ++i) (*out)[i] = (bytes[i / 8] >> (i % 8) & 1) != 0;
  // One state has one encoding.
  if (count % 8 != 0 && bytes[count / 8] >> (count % 8) != 0) reader->Fail();
}

void Get(ByteReader* reader, Environment* out) {
  GetAll(reader, kMinStringBytes, &out->arguments);
  GetAll(reader, kMinStringBytes, &out->environment);
  Get(reader, &out->entry_export);
  GetAll(reader, kMinValueBytes, &out->entry_arguments);
  out->deterministic = reader->Flag();
  for (uint64_t& word : out->random_state) word = reader->U64();
  out->clock_reads = reader->U64();
  out->realtime_base_ns = reader->U64();
  out->clock_step_ns = reader->U64();
}

void Get(ByteReader* reader, Memory* out) { out->pages = reader->U64(); }

void Get(ByteReader* reader, Table* out) {
  out->type = GetValueType(reader);
  const uint32_t count = reader->Count(8);
  out->elements.resize(count);
  for (uint64_t& element : out->elements) element = reader->U64();
}

void Get(ByteReader* reader, Instance* out) {
  GetAll(reader, kMinValueBytes, &out->globals);
  GetAll(reader, kMinTableBytes, &out->tables);
  Get(reader, &out->dropped_data);
  Get(reader, &out->dropped_elements);
}

void Get(ByteReader* reader, PendingCall* out) {
  out->import = reader->U32();
  GetAll(reader, kMinValueBytes, &out->arguments);
  out->transferred = reader->U64();
  Get(reader, &out->deadline_ns);
  out->phase = reader->U32();
}

void Get(ByteReader* reader, AtomicWait* out) {
  out->address = reader->U64();
  out->width = reader->U32();
  Get(reader, &out->deadline_ns);
  out->queue_position = reader->U32();
}

void Get(ByteReader* reader, Trap* out) { Get(reader, &out->reason); }

void Get(ByteReader* reader, Frame* out) {
  out->function = reader->U32();
  out->pc = reader->U32();
  GetAll(reader, kMinValueBytes, &out->locals);
  GetAll(reader, kMinValueBytes, &out->operands);
}

template <typename T>
void GetOptional(ByteReader* reader, std::optional<T>* out) {
  if (!reader->Flag()) return;
  out->emplace();
  Get(reader, &**out);
}

void Get(ByteReader* reader, Thread* out) {
  out->id = reader->U32();
  out->instance = reader->U32();
  const uint8_t entry = reader->U8();
  const uint8_t status = reader->U8();
  if (entry > static_cast<uint8_t>(Entry::kMain)) reader->Fail();
  if (status > static_cast<uint8_t>(ThreadStatus::kTrapped)) reader->Fail();
  if (!reader->ok()) return;
  out->entry = static_cast<Entry>(entry);
  out->status = static_cast<ThreadStatus>(status);
  out->cpu_ns = reader->U64();
  Get(reader, &out->position);
  GetOptional(reader, &out->call);
  GetOptional(reader, &out->wait);
  GetOptional(reader, &out->trap);
  GetAll(reader, kMinFrameBytes, &out->frames);
}

void Get(ByteReader* reader, Descriptor* out) {
  out->fd = reader->U32();
  Get(reader, &out->kind);
  Get(reader, &out->guest_path);
  out->preopen = reader->U32();
  out->fdflags = reader->U16();
  out->rights_base = reader->U64();
  out->rights_inheriting = reader->U64();
  out->offset = reader->U64();
  out->size = reader->U64();
  out->modified_ns = reader->U64();
  const uint32_t unread = reader->Count(1);
  const uint8_t* bytes = reader->Bytes(unread);
  if (bytes != nullptr) out->unread.assign(bytes, bytes + unread);
  Get(reader, &out->stream);
}

void GetSection(ByteReader* reader, SectionId id, View* out) {
  switch (id) {
    case SectionId::kModule: {
      const uint8_t* bytes = reader->Bytes(out->module_sha256.size());
      if (bytes != nullptr) {
        std::memcpy(out->module_sha256.data(), bytes, out->module_sha256.size());
      }
      return;
    }
    case SectionId::kTime:
      out->monotonic_ns = reader->U64();
      return;
    case SectionId::kEnvironment:
      Get(reader, &out->environment);
      return;
    case SectionId::kMemories:
      GetAll(reader, 8, &out->memories);
      return;
    case SectionId::kInstances:
      GetAll(reader, kMinInstanceBytes, &out->instances);
      return;
    case SectionId::kThreads:
      GetAll(reader, kMinThreadBytes, &out->threads);
      return;
    case SectionId::kDescriptors:
      GetAll(reader, kMinDescriptorBytes, &out->descriptors);
      return;
  }
}

Status CheckHeader(const uint8_t* bytes, size_t size) {
  if (size < sizeof(kMagic) || std::memcmp(bytes, kMagic, sizeof(kMagic)) != 0) {
    return Status::Error("SNAPSHOT_FORMAT", "state.bin does not begin with its magic number");
  }
  if (size < kHeaderBytes + kChecksumBytes) return Corrupt("it ends inside its header");
  ByteReader header(bytes + sizeof(kMagic), kHeaderBytes - sizeof(kMagic));
  const uint16_t major = header.U16();
  const uint16_t minor = header.U16();
  if (major != kMajorVersion || minor > kMinorVersion) {
    return Status::Error("SNAPSHOT_FORMAT", "state.bin has format " + std::to_string(major) + "." +
                                                std::to_string(minor) + "; this wasmsh reads " +
                                                std::to_string(kMajorVersion) + ".0 to " +
                                                std::to_string(kMajorVersion) + "." +
                                                std::to_string(kMinorVersion));
  }
  if (size > kMaxStateBytes) return Corrupt("it is over 256 MiB long");
  ByteReader checksum(bytes + size - kChecksumBytes, kChecksumBytes);
  if (Crc32c(bytes, size - kChecksumBytes) != checksum.U32()) {
    return Corrupt("its checksum does not match");
  }
  if (header.U32() != kSectionCount) return Corrupt("it has a wrong number of sections");
  return Status::Ok();
}

}  // namespace

Status Decode(const uint8_t* bytes, size_t size, View* out) {
  Status status = CheckHeader(bytes, size);
  if (!status.ok()) return status;
  const size_t contents_end = size - kChecksumBytes;
  ByteReader table(bytes + kHeaderBytes, contents_end - kHeaderBytes);
  View view;
  uint64_t at = kHeaderBytes + uint64_t{kSectionCount} * kSectionEntryBytes;
  for (uint32_t id = 1; id <= kSectionCount; ++id) {
    const bool in_order = table.U32() == id && table.U32() == 0;
    const uint64_t offset = table.U64();
    const uint64_t length = table.U64();
    const std::string name = "section " + std::to_string(id);
    if (!table.ok() || !in_order || offset != at || at > contents_end ||
        length > contents_end - at) {
      return Corrupt(name + " is out of place");
    }
    ByteReader section(bytes + offset, length);
    GetSection(&section, static_cast<SectionId>(id), &view);
    if (!section.ok() || !section.at_end()) {
      return Corrupt(name + " is malformed at byte " + std::to_string(section.offset()) +
                     " of its own");
    }
    at += length;
  }
  if (at != contents_end) return Corrupt("something stands behind its last section");
  *out = std::move(view);
  return Status::Ok();
}

}  // namespace wasmsh::view
