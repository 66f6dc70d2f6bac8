#include "engine/instance_state.h"

#include <cstring>
#include <string>

#include "engine/compiled/stand_in.h"
#include "engine/frames.h"

namespace wasmsh::engine {

namespace {

constexpr uint64_t kWasmPage = 65536;

void ReadBitmap(bh_bitmap* bitmap, uint32_t count, std::vector<bool>* out) {
  out->assign(count, false);
  if (!bitmap) return;
  for (uint32_t i = 0; i < count; i++) (*out)[i] = bh_bitmap_get_bit(bitmap, i);
}

void WriteBitmap(const std::vector<bool>& from, bh_bitmap* bitmap) {
  if (!bitmap) return;
  for (size_t i = 0; i < from.size(); i++) {
    if (from[i])
      bh_bitmap_set_bit(bitmap, i);
    else
      bh_bitmap_clear_bit(bitmap, i);
  }
}

uint8_t* GlobalData(WASMModuleInstance* instance, uint32_t global) {
  return instance->global_data + instance->e->globals[global].data_offset;
}

}  // namespace

view::Value ReadGlobal(WASMModuleInstance* instance, const wasm::Module& module, uint32_t global) {
  uint32_t cells[4] = {};
  const auto type = module.globals[global].type;
  if (type == view::ValueType::kV128) {
    std::memcpy(cells, GlobalData(instance, global), 8);
    std::memcpy(cells + 2, GlobalData(instance, HighHalfGlobal(module, global)), 8);
  } else {
    std::memcpy(cells, GlobalData(instance, global), 4 * wasm::ValueTypeCells(type));
  }
  return ReadCells(type, cells);
}

void WriteGlobal(WASMModuleInstance* instance, const wasm::Module& module, uint32_t global,
                 const view::Value& value) {
  uint32_t cells[4] = {};
  WriteCells(value, cells);
  if (value.type == view::ValueType::kV128) {
    std::memcpy(GlobalData(instance, global), cells, 8);
    std::memcpy(GlobalData(instance, HighHalfGlobal(module, global)), cells + 2, 8);
  } else {
    std::memcpy(GlobalData(instance, global), cells, 4 * wasm::ValueTypeCells(value.type));
  }
}

uint32_t TableSize(WASMModuleInstance* instance, uint32_t table) {
  return instance->tables[table]->cur_size;
}

uint64_t ReadTableElement(WASMModuleInstance* instance, uint32_t table, uint32_t index) {
  // An element is as wide as a pointer; null is all ones in the lower 32 bits, whoever wrote it.
  const uint32_t element = uint32_t(instance->tables[table]->elems[index]);
  return element == NULL_REF ? view::kNullReference : element;
}

void WriteTableElement(WASMModuleInstance* instance, uint32_t table, uint32_t index,
                       uint64_t element) {
  instance->tables[table]->elems[index] =
      element == view::kNullReference ? table_elem_type_t(NULL_REF) : table_elem_type_t(element);
}

void ReadInstance(WASMModuleInstance* instance, const wasm::Module& module, view::Instance* out) {
  out->globals.clear();
  for (uint32_t i = 0; i < module.globals.size(); i++) {
    out->globals.push_back(ReadGlobal(instance, module, i));
  }
  out->tables.clear();
  for (uint32_t i = 0; i < module.tables.size(); i++) {
    view::Table table;
    table.type = module.tables[i].element;
    const uint32_t size = TableSize(instance, i);
    table.elements.reserve(size);
    for (uint32_t j = 0; j < size; j++) table.elements.push_back(ReadTableElement(instance, i, j));
    out->tables.push_back(std::move(table));
  }
  ReadBitmap(instance->e->common.data_dropped, module.data_segments, &out->dropped_data);
  ReadBitmap(instance->e->common.elem_dropped, module.element_segments, &out->dropped_elements);
}

Status WriteInstance(WASMModuleInstance* instance, const wasm::Module& module,
                     const view::Instance& from) {
  for (uint32_t i = 0; i < from.globals.size(); i++) {
    WriteGlobal(instance, module, i, from.globals[i]);
  }
  for (uint32_t i = 0; i < from.tables.size(); i++) {
    const auto& elements = from.tables[i].elements;
    const uint32_t size = TableSize(instance, i);
    if (elements.size() > size &&
        !wasm_enlarge_table(instance, i, uint32_t(elements.size()) - size, NULL_REF)) {
      return Status::Error("SNAPSHOT_INVALID", "Table " + std::to_string(i) + " cannot hold " +
                                                   std::to_string(elements.size()) + " elements");
    }
    for (uint32_t j = 0; j < elements.size(); j++) WriteTableElement(instance, i, j, elements[j]);
  }
  WriteBitmap(from.dropped_data, instance->e->common.data_dropped);
  WriteBitmap(from.dropped_elements, instance->e->common.elem_dropped);
  return Status::Ok();
}

uint8_t* MemoryBase(WASMModuleInstance* instance, uint32_t memory) {
  return memory < instance->memory_count ? instance->memories[memory]->memory_data : nullptr;
}

uint64_t MemoryBytes(WASMModuleInstance* instance, uint32_t memory) {
  // memory_data_size, not a page count: without memory.grow the loader makes one big page.
  return memory < instance->memory_count
             ? __atomic_load_n(&instance->memories[memory]->memory_data_size, __ATOMIC_RELAXED)
             : 0;
}

Status GrowMemory(WASMModuleInstance* instance, uint64_t pages) {
  const uint64_t have = MemoryBytes(instance, 0) / kWasmPage;
  if (pages <= have) return Status::Ok();
  if (!wasm_enlarge_memory(instance, uint32_t(pages - have))) {
    return Status::Error("MEMORY_LIMIT", "The guest's memory of " + std::to_string(pages) +
                                             " pages is over the limit or cannot be had");
  }
  return Status::Ok();
}

}  // namespace wasmsh::engine
