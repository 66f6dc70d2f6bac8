# Toolchain file: the native test host and the native tests for another CPU, with Debian's cross
# compilers, to be run by qemu-user.
#
#   cmake -S native -B DIR -G Ninja -DCMAKE_TOOLCHAIN_FILE=native/cmake/cross.cmake
#     -DWASMSH_CPU=aarch64 -DWASMSH_NODE=OFF -DWASMSH_TESTS=ON -DWAMR_ROOT=... -DZSTD_ROOT=...
#
#   WASMSH_CPU   aarch64, riscv64 or s390x

set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES WASMSH_CPU)
if(NOT WASMSH_CPU MATCHES "^(aarch64|riscv64|s390x)$")
  message(FATAL_ERROR "WASMSH_CPU (\"${WASMSH_CPU}\") is none of aarch64, riscv64, s390x")
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${WASMSH_CPU})
set(CMAKE_C_COMPILER ${WASMSH_CPU}-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER ${WASMSH_CPU}-linux-gnu-g++)
set(CMAKE_FIND_ROOT_PATH /usr/${WASMSH_CPU}-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${WASMSH_CPU} -L /usr/${WASMSH_CPU}-linux-gnu)
if(WASMSH_CPU STREQUAL "riscv64")
  # Debian 12's linker for it ends with an internal error when it relaxes the host's sections.
  set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--no-relax")
endif()
