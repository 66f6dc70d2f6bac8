// What compiled code calls to hand over a frame: it is called here with a number of its own in each
// register, which has to arrive, and to be there afterwards.

#include "engine/compiled/frame_here.h"

#include <memory>
#include <vector>

#include "engine/compiled/spill_table_format.h"
#include "engine/compiled/stable_points.h"
#include "engine/compiled/suspended_stack.h"
#include "test/check.h"

using namespace wasmsh;          // NOLINT: a test
using namespace wasmsh::engine;  // NOLINT

#if defined(__x86_64__)

extern "C" {
uint64_t test_general[16];
uint64_t test_vectors[16][4];
uint64_t test_general_after[16];
uint64_t test_vectors_after[16][4];
void* test_target;
uint8_t test_has_wide_vectors;
void test_call();
extern const char test_returned[];
}

// 16 bytes in its frame are a slot of the table.
__asm__(R"(
    .text
test_call:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $24, %rsp
    movl $77, 8(%rsp)
    cmpb $0, test_has_wide_vectors(%rip)
    je 1f
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmovups test_vectors + 32 * \n(%rip), %ymm\n
    .endr
    jmp 2f
1:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movups test_vectors + 32 * \n(%rip), %xmm\n
    .endr
2:
    .set at, 0
    .irp r, rax, rdx, rcx, rbx, rsi, rdi, rbp
    mov test_general + at(%rip), %\r
    .set at, at + 8
    .endr
    .set at, 64
    .irp r, r8, r9, r10, r11, r12, r13, r14, r15
    mov test_general + at(%rip), %\r
    .set at, at + 8
    .endr
    call *test_target(%rip)
test_returned:
    .set at, 0
    .irp r, rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15
    mov %\r, test_general_after + at(%rip)
    .set at, at + 8
    .endr
    cmpb $0, test_has_wide_vectors(%rip)
    je 3f
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmovups %ymm\n, test_vectors_after + 32 * \n(%rip)
    .endr
    vzeroupper
    jmp 4f
3:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movups %xmm\n, test_vectors_after + 32 * \n(%rip)
    .endr
4:
    add $24, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
)");

namespace {

using Bytes = std::vector<uint8_t>;

constexpr int kStackPointer = 7;

void Put32(Bytes* bytes, uint64_t value) {
  for (int i = 0; i < 4; ++i) bytes->push_back(uint8_t(value >> (8 * i)));
}

/** One site: 15 registers, 16 vectors, and a slot of 4 bytes. */
Bytes Table(uint64_t address) {
  Bytes bytes;
  for (const uint64_t number : {uint64_t{1}, address, uint64_t{12}}) Put32(&bytes, number);
  bytes.insert(bytes.end(), {0, 0, 32});
  for (int i = 0; i < 16; ++i) {
    if (i != kStackPointer) bytes.push_back(uint8_t(8 * i + spill_table::kRegister8));
  }
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned head = 8 * (spill_table::kFirstVector + i) + spill_table::kRegister16;
    bytes.push_back(uint8_t(head | 0x80));
    bytes.push_back(uint8_t(head >> 7));
  }
  bytes.push_back(2 * 8 + spill_table::kSlot4);
  return bytes;
}

/** One function with such locals, and an entry at which all of them live. */
std::unique_ptr<StablePoints> Points() {
  Bytes function = {0,                               // parameters
                    3, 15, 0x7e, 16, 0x7b, 1, 0x7f,  // i64, v128, i32
                    0,                               // results
                    1, 0,  0,    0,  32};            // a point: pc, operands, kind, live locals
  for (int i = 0; i < 32; ++i) function.push_back(i == 0 ? 0 : 1);
  Bytes table = {'W', 'S', 'P', 1, 1, 0, 0, 1, 0, uint8_t(function.size())};
  table.insert(table.end(), function.begin(), function.end());
  std::unique_ptr<StablePoints> points;
  CHECK(StablePoints::Parse(table, &points).ok());
  return points;
}

}  // namespace

TEST(RegistersArriveAndStay) {
  test_target = FrameHere();
  test_has_wide_vectors = __builtin_cpu_supports("avx") ? 1 : 0;
  for (uint64_t i = 0; i < 16; ++i) {
    test_general[i] = 0x1111111111111111 * i + 5;
    for (uint64_t part = 0; part < 4; ++part) test_vectors[i][part] = 1000 * part + i + 1;
  }
  const auto from = reinterpret_cast<uintptr_t>(test_call);
  const auto back = reinterpret_cast<uintptr_t>(test_returned);
  SpillTable table;
  CHECK(SpillTable::Parse(Table(back - from), &table).ok());
  SpillSources sources;
  sources.code.push_back({from, back + 1, &table});
  sources.stack_to = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const BuildDescription build;
  SuspendedStack stack(build);
  suspended_stack = &stack;
  spill_sources = &sources;
  test_call();

  view::Thread thread;
  const wasm::Module* none = nullptr;  // what only calls of the host are looked up in
  CHECK(stack.has_spilled());
  CHECK(stack.Take(*Points(), *none, &thread).ok());
  const auto& locals = thread.frames.at(0).locals;
  for (int i = 0, local = 0; i < 16; ++i) {
    if (i == kStackPointer) continue;
    CHECK_EQ(locals[local++].bits[0], test_general[i]);
    CHECK_EQ(test_general_after[i], test_general[i]);
  }
  for (int i = 0; i < 16; ++i) {
    for (int part = 0; part < 2; ++part) {
      CHECK_EQ(locals[15 + i].bits[part], test_vectors[i][part]);
    }
    for (int part = 0; part < (test_has_wide_vectors ? 4 : 2); ++part) {
      CHECK_EQ(test_vectors_after[i][part], test_vectors[i][part]);
    }
  }
  CHECK_EQ(locals[31].bits[0], uint64_t{77});
}

TEST(AFrameThatIsNotKnown) {
  test_target = FrameHere();
  SpillTable table;
  SpillSources sources;
  sources.code.push_back({0, UINTPTR_MAX, &table});
  const BuildDescription build;
  SuspendedStack stack(build);
  suspended_stack = &stack;
  spill_sources = &sources;
  test_call();
  view::Thread thread;
  const wasm::Module* none = nullptr;
  CHECK(stack.has_spilled());
  CHECK_EQ(stack.Take(*Points(), *none, &thread).code, std::string("INTERNAL"));
}

#else

TEST(RegistersArriveAndStay) { SKIP("code for this CPU has no table of spills"); }

#endif
