#ifndef WASMSH_ENGINE_INSTANCE_STATE_H_
#define WASMSH_ENGINE_INSTANCE_STATE_H_

#include <vector>

#include "engine/wamr.h"
#include "image/view.h"
#include "status.h"
#include "wasm/module.h"

/** Globals, tables and dropped segments of an instance of the interpreter's, which may be that of a
 *  stand-in (compiled/stand_in.h), to and from the wasm view. */
namespace wasmsh::engine {

view::Value ReadGlobal(WASMModuleInstance* instance, const wasm::Module& module, uint32_t global);
void WriteGlobal(WASMModuleInstance* instance, const wasm::Module& module, uint32_t global,
                 const view::Value& value);

uint64_t ReadTableElement(WASMModuleInstance* instance, uint32_t table, uint32_t index);
void WriteTableElement(WASMModuleInstance* instance, uint32_t table, uint32_t index,
                       uint64_t element);
uint32_t TableSize(WASMModuleInstance* instance, uint32_t table);

void ReadInstance(WASMModuleInstance* instance, const wasm::Module& module, view::Instance* out);
/** The view has been validated against the module. Code: SNAPSHOT_INVALID when a table cannot grow
 *  to its recorded size. */
Status WriteInstance(WASMModuleInstance* instance, const wasm::Module& module,
                     const view::Instance& from);

/** Base address and bytes of a linear memory; zero without one. */
uint8_t* MemoryBase(WASMModuleInstance* instance, uint32_t memory);
uint64_t MemoryBytes(WASMModuleInstance* instance, uint32_t memory);
/** Grows memory 0 to that many pages of 64 KiB. Code: MEMORY_LIMIT. */
Status GrowMemory(WASMModuleInstance* instance, uint64_t pages);

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_INSTANCE_STATE_H_
