/*
 * Part of wamr_interpreter.c where visits are counted: labels that stand in the dispatch table for
 * what leads elsewhere. A branch back is counted in front of it, where its label tells where it
 * goes; what a call or a return leads to is known only afterwards, so the one instruction that
 * comes next is dispatched through a table of its own.
 */

static const void* running_table[256];
/* Behind a call, a return or a wait; and behind a br_table. */
static const void* next_table[256];
static const void* branched_table[256];
#define RUNNING_TABLE running_table

enum { kBranch, kEnd, kNext, kBranchTable, kArrived, kBranched };
#define VISIT_LABEL_LIST                                                      \
  (const void* const[]) {                                                     \
    [kBranch] = &&visit_branch, [kEnd] = &&visit_end, [kNext] = &&visit_next, \
    [kBranchTable] = &&visit_branch_table, [kArrived] = &&visit_arrived,      \
    [kBranched] = &&visit_branched                                            \
  }

static const struct {
  uint8 opcode;
  uint8 label;
} visit_opcodes[] = {
    {WASM_OP_BR, kBranch},
    {WASM_OP_BR_IF, kBranch},
    {WASM_OP_END, kEnd},
    {WASM_OP_BR_TABLE, kBranchTable},
    {EXT_OP_BR_TABLE_CACHE, kBranchTable},
    {WASM_OP_RETURN, kNext},
    {WASM_OP_CALL, kNext},
    {WASM_OP_RETURN_CALL, kNext},
    {WASM_OP_CALL_INDIRECT, kNext},
    {WASM_OP_RETURN_CALL_INDIRECT, kNext},
    {WASM_OP_ATOMIC_PREFIX, kNext}, /* the waits among them are points */
    {WASM_OP_IMPDEP, kNext},        /* the host calls the guest */
};

static void LearnVisits(const void* const* table, const void* const* labels) {
  memcpy(running_table, table, sizeof running_table);
  for (size_t i = 0; i < sizeof visit_opcodes / sizeof *visit_opcodes; i++) {
    running_table[visit_opcodes[i].opcode] = labels[visit_opcodes[i].label];
  }
  for (int i = 0; i < 256; i++) {
    next_table[i] = labels[kArrived];
    branched_table[i] = labels[kBranched];
  }
}

/* Where a branch goes whose depth stands at `ip`, if that is a loop; else NULL. Only loops lie
 * behind; the end of a block may not have been looked for yet, and is NULL, too. */
static inline const uint8* LoopOf(const uint8* ip, const WASMBranchBlock* csp) {
  uint32 depth = 0;
  for (uint32 shift = 0;; shift += 7) {
    const uint8 byte = *ip++;
    depth |= (uint32)(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const uint8* const target = csp[-1 - (int64)depth].target_addr;
  return target < ip ? target : NULL;
}

#define VISIT(address) (seam_->visits[(address)-seam_->code]++)

/* Operands are still in place: nothing of the instruction at frame_ip[-1] has been done. */
#define VISIT_LABELS(_name)                                                 \
  visit_branch:                                                             \
  if (frame_ip[-1] == WASM_OP_BR || frame_sp[-1]) {                         \
    const uint8* const loop_ = LoopOf(frame_ip, frame_csp);                 \
    if (loop_) VISIT(loop_);                                                \
  }                                                                         \
  goto* stock_table[frame_ip[-1]];                                          \
  visit_end:                                                                \
  if (frame_csp <= frame->csp_bottom + 1) _name = next_table;               \
  goto* stock_table[WASM_OP_END];                                           \
  visit_next:                                                               \
  _name = next_table;                                                       \
  goto* stock_table[frame_ip[-1]];                                          \
  visit_branch_table:                                                       \
  seam_->branched_from = frame_ip;                                          \
  _name = branched_table;                                                   \
  goto* stock_table[frame_ip[-1]];                                          \
  visit_branched:                                                           \
  /* Forward it goes to an `end`, which may be what comes behind a call. */ \
  if (frame_ip - 1 < seam_->branched_from) {                                \
  visit_arrived:                                                            \
    VISIT(frame_ip - 1);                                                    \
  }                                                                         \
  _name = seam_->stop_at_every_instruction ? stop_table : seam_->live;      \
  goto* _name[frame_ip[-1]];
