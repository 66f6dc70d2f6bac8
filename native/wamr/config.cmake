# The one runtime configuration. Every build has it: product, tests and sanitizers, since snapshots
# and the engine's include files rely on it. Names are those of WAMR's build-scripts.

set(WAMR_BUILD_PLATFORM linux)

# Interpreter: the classic one. The fast one rewrites code when it loads, so that a position in it is
# none of the module's.
set(WAMR_BUILD_INTERP 1)
set(WAMR_BUILD_FAST_INTERP 0)

# Compiled code: loaded from .aot files. No compiler in the process.
set(WAMR_BUILD_AOT 1)
set(WAMR_BUILD_JIT 0)
set(WAMR_BUILD_FAST_JIT 0)

# Host calls: WASI preview 1, which ours call below. No invented libc of WAMR's.
set(WAMR_BUILD_LIBC_WASI 1)
set(WAMR_BUILD_LIBC_BUILTIN 0)

# Threads: wasi-threads over shared memory. The thread manager ends siblings at an exit or a trap.
set(WAMR_BUILD_LIB_WASI_THREADS 1)
set(WAMR_BUILD_THREAD_MGR 1)
set(WAMR_BUILD_SHARED_MEMORY 1)

# What today's toolchains emit.
set(WAMR_BUILD_REF_TYPES 1)
set(WAMR_BUILD_BULK_MEMORY 1)
set(WAMR_BUILD_TAIL_CALL 1)
set(WAMR_BUILD_EXTENDED_CONST_EXPR 1)

# Off, each fatal or untested together with the above: garbage collection (other frame layout),
# several modules, several memories, exceptions, 64-bit memories.
set(WAMR_BUILD_GC 0)
set(WAMR_BUILD_STRINGREF 0)
set(WAMR_BUILD_MULTI_MODULE 0)
set(WAMR_BUILD_MULTI_MEMORY 0)
set(WAMR_BUILD_EXCE_HANDLING 0)
set(WAMR_BUILD_MEMORY64 0)

# A memory keeps the size its module declares: shrinking it to what the toolchain's heap globals say
# would make memory.size differ from other engines.
set(WAMR_BUILD_SHRUNK_MEMORY 0)

# WAMR's CMake refuses SIMD together with the classic interpreter; compiled code needs it. So it stays
# off here, and CMakeLists.txt defines the macro and takes the matching assembly.
set(WAMR_BUILD_SIMD 0)

# Guest threads have a guard and an alternate signal stack of ours; WAMR's own check would touch every
# page of every native stack.
set(WAMR_DISABLE_STACK_HW_BOUND_CHECK 1)

# Blocking calls are broken by our own signal; WAMR would take SIGUSR1 from Node's inspector.
set(WAMR_DISABLE_WAKEUP_BLOCKING_OP 1)
