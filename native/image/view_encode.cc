#include "image/crc32c.h"
#include "image/view.h"
#include "image/view_format.h"

namespace wasmsh::view {
namespace {

void Put(ByteWriter* writer, const std::string& text) {
  writer->U32(static_cast<uint32_t>(text.size()));
  // SAFETY: any object may be read as bytes.
  writer->Bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

void Put(ByteWriter* writer, const std::vector<std::string>& list) {
  writer->U32(static_cast<uint32_t>(list.size()));
  for (const std::string& text : list) Put(writer, text);
}

void Put(ByteWriter* writer, const std::optional<uint64_t>& number) {
  writer->U8(number.has_value() ? 1 : 0);
  if (number) writer->U64(*number);
}

void Put(ByteWriter* writer, const Value& value) {
  writer->U8(static_cast<uint8_t>(value.type));
  writer->U8(value.available ? 1 : 0);
  switch (value.type) {
    case ValueType::kI32:
    case ValueType::kF32:
      writer->U32(static_cast<uint32_t>(value.bits[0]));
      return;
    case ValueType::kV128:
      writer->U64(value.bits[0]);
      writer->U64(value.bits[1]);
      return;
    default:
      writer->U64(value.bits[0]);
  }
}

void Put(ByteWriter* writer, const std::vector<Value>& values) {
  writer->U32(static_cast<uint32_t>(values.size()));
  for (const Value& value : values) Put(writer, value);
}

/** Bit i of byte i / 8 from the low end; the bits left over are zero. */
void Put(ByteWriter* writer, const std::vector<bool>& bits) {
  writer->U32(static_cast<uint32_t>(bits.size()));
  for (size_t i = 0; i < bits.size(); i += 8) {
    uint8_t byte = 0;
    for (size_t bit = 0; bit < 8 && i + bit < bits.size(); ++bit) {
      if (bits[i + bit]) byte |= static_cast<uint8_t>(1u << bit);
    }
    writer->U8(byte);
  }
}

void Put(ByteWriter* writer, const Environment& environment) {
  Put(writer, environment.arguments);
  Put(writer, environment.environment);
  Put(writer, environment.entry_export);
  Put(writer, environment.entry_arguments);
  writer->U8(environment.deterministic ? 1 : 0);
  for (const uint64_t word : environment.random_state) writer->U64(word);
  writer->U64(environment.clock_reads);
  writer->U64(environment.realtime_base_ns);
  writer->U64(environment.clock_step_ns);
}

void Put(ByteWriter* writer, const Instance& instance) {
  Put(writer, instance.globals);
  writer->U32(static_cast<uint32_t>(instance.tables.size()));
  for (const Table& table : instance.tables) {
    writer->U8(static_cast<uint8_t>(table.type));
    writer->U32(static_cast<uint32_t>(table.elements.size()));
    for (const uint64_t element : table.elements) writer->U64(element);
  }
  Put(writer, instance.dropped_data);
  Put(writer, instance.dropped_elements);
}

void Put(ByteWriter* writer, const PendingCall& call) {
  writer->U32(call.import);
  Put(writer, call.arguments);
  writer->U64(call.transferred);
  Put(writer, call.deadline_ns);
  writer->U32(call.phase);
}

void Put(ByteWriter* writer, const AtomicWait& wait) {
  writer->U64(wait.address);
  writer->U32(wait.width);
  Put(writer, wait.deadline_ns);
  writer->U32(wait.queue_position);
}

void Put(ByteWriter* writer, const Thread& thread) {
  writer->U32(thread.id);
  writer->U32(thread.instance);
  writer->U8(static_cast<uint8_t>(thread.entry));
  writer->U8(static_cast<uint8_t>(thread.status));
  writer->U64(thread.cpu_ns);
  Put(writer, thread.position);
  writer->U8(thread.call.has_value() ? 1 : 0);
  if (thread.call) Put(writer, *thread.call);
  writer->U8(thread.wait.has_value() ? 1 : 0);
  if (thread.wait) Put(writer, *thread.wait);
  writer->U8(thread.trap.has_value() ? 1 : 0);
  if (thread.trap) Put(writer, thread.trap->reason);
  writer->U32(static_cast<uint32_t>(thread.frames.size()));
  for (const Frame& frame : thread.frames) {
    writer->U32(frame.function);
    writer->U32(frame.pc);
    Put(writer, frame.locals);
    Put(writer, frame.operands);
  }
}

void Put(ByteWriter* writer, const Descriptor& descriptor) {
  writer->U32(descriptor.fd);
  Put(writer, descriptor.kind);
  Put(writer, descriptor.guest_path);
  writer->U32(descriptor.preopen);
  writer->U16(descriptor.fdflags);
  writer->U64(descriptor.rights_base);
  writer->U64(descriptor.rights_inheriting);
  writer->U64(descriptor.offset);
  writer->U64(descriptor.size);
  writer->U64(descriptor.modified_ns);
  writer->U32(static_cast<uint32_t>(descriptor.unread.size()));
  writer->Bytes(descriptor.unread.data(), descriptor.unread.size());
  Put(writer, descriptor.stream);
}

template <typename T>
void PutAll(ByteWriter* writer, const std::vector<T>& list) {
  writer->U32(static_cast<uint32_t>(list.size()));
  for (const T& entry : list) Put(writer, entry);
}

void PutSection(ByteWriter* writer, const View& view, SectionId id) {
  switch (id) {
    case SectionId::kModule:
      writer->Bytes(view.module_sha256.data(), view.module_sha256.size());
      return;
    case SectionId::kTime:
      writer->U64(view.monotonic_ns);
      return;
    case SectionId::kEnvironment:
      Put(writer, view.environment);
      return;
    case SectionId::kMemories:
      writer->U32(static_cast<uint32_t>(view.memories.size()));
      for (const Memory& memory : view.memories) writer->U64(memory.pages);
      return;
    case SectionId::kInstances:
      PutAll(writer, view.instances);
      return;
    case SectionId::kThreads:
      PutAll(writer, view.threads);
      return;
    case SectionId::kDescriptors:
      PutAll(writer, view.descriptors);
      return;
  }
}

}  // namespace

std::vector<uint8_t> Encode(const View& view) {
  ByteWriter contents;
  size_t ends[kSectionCount];
  for (uint32_t i = 0; i < kSectionCount; ++i) {
    PutSection(&contents, view, static_cast<SectionId>(i + 1));
    ends[i] = contents.size();
  }

  ByteWriter file;
  file.Bytes(kMagic, sizeof(kMagic));
  file.U16(kMajorVersion);
  file.U16(kMinorVersion);
  file.U32(kSectionCount);
  const size_t first = kHeaderBytes + size_t{kSectionCount} * kSectionEntryBytes;
  for (uint32_t i = 0; i < kSectionCount; ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    file.U32(i + 1);
    file.U32(0);
    file.U64(first + begin);
    file.U64(ends[i] - begin);
  }
  file.Bytes(contents.bytes().data(), contents.size());
  file.U32(Crc32c(file.bytes().data(), file.size()));
  return file.Take();
}

}  // namespace wasmsh::view
