#include "compiler/null_references.h"

#include <cstdint>

extern "C" {
#include "wasm.h"
}

namespace wasmsh::compiler {

namespace {

constexpr uint32_t kNullReference = UINT32_MAX;

void Mend(InitializerExpression* constant) {
  if (constant->init_expr_type != INIT_EXPR_TYPE_REFNULL_CONST) return;
  constant->u.unary.v.ref_index = kNullReference;
}

}  // namespace

void MendNullReferences(WASMModule* module) {
  for (uint32_t i = 0; i < module->global_count; ++i) Mend(&module->globals[i].init_expr);
  for (uint32_t i = 0; i < module->table_count; ++i) Mend(&module->tables[i].init_expr);
  for (uint32_t i = 0; i < module->table_seg_count; ++i) {
    WASMTableSeg& segment = module->table_segments[i];
    for (uint32_t j = 0; j < segment.value_count; ++j) Mend(&segment.init_values[j]);
  }
}

}  // namespace wasmsh::compiler
