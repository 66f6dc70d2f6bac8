// What compiled code on x86-64 calls to hand over a frame: keeps all registers, and has the table
// read (frame_here.cc). They are kept as debug information numbers them.
#if defined(__x86_64__)

__asm__(R"(
    .text
    .p2align 4
    .globl wasmsh_frame_here
    .hidden wasmsh_frame_here
    .type wasmsh_frame_here, @function
wasmsh_frame_here:
    .cfi_startproc
    push %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    mov %rsp, %rbp
    .cfi_def_cfa_register %rbp
    sub $640, %rsp
    and $-32, %rsp
    mov %rax, (%rsp)
    mov %rdx, 8(%rsp)
    mov %rcx, 16(%rsp)
    mov %rbx, 24(%rsp)
    mov %rsi, 32(%rsp)
    mov %rdi, 40(%rsp)
    mov (%rbp), %rax
    mov %rax, 48(%rsp)
    lea 16(%rbp), %rax
    mov %rax, 56(%rsp)
    mov %r8, 64(%rsp)
    mov %r9, 72(%rsp)
    mov %r10, 80(%rsp)
    mov %r11, 88(%rsp)
    mov %r12, 96(%rsp)
    mov %r13, 104(%rsp)
    mov %r14, 112(%rsp)
    mov %r15, 120(%rsp)
    cmpb $0, wasmsh_has_wide_vectors(%rip)
    je 1f
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmovups %ymm\n, 128 + 32 * \n(%rsp)
    .endr
    vzeroupper
    jmp 2f
1:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movups %xmm\n, 128 + 32 * \n(%rsp)
    .endr
2:
    mov %rsp, %rdi
    mov 8(%rbp), %rsi
    call wasmsh_take_frame
    cmpb $0, wasmsh_has_wide_vectors(%rip)
    je 3f
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmovups 128 + 32 * \n(%rsp), %ymm\n
    .endr
    jmp 4f
3:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movups 128 + 32 * \n(%rsp), %xmm\n
    .endr
4:
    mov (%rsp), %rax
    mov 8(%rsp), %rdx
    mov 16(%rsp), %rcx
    mov 32(%rsp), %rsi
    mov 40(%rsp), %rdi
    mov 64(%rsp), %r8
    mov 72(%rsp), %r9
    mov 80(%rsp), %r10
    mov 88(%rsp), %r11
    mov %rbp, %rsp
    pop %rbp
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size wasmsh_frame_here, . - wasmsh_frame_here
)");

#endif
