# zstd: libzstd without its dictionary builder and its readers of old formats. xxhash: XXH3 as one
# header, for `#define XXH_INLINE_ALL` and `#include "xxhash.h"`.

file(GLOB zstd_sources
  "${ZSTD_ROOT}/lib/common/*.c"
  "${ZSTD_ROOT}/lib/compress/*.c"
  "${ZSTD_ROOT}/lib/decompress/*.c"
  "${ZSTD_ROOT}/lib/decompress/*.S")
if(NOT zstd_sources)
  message(FATAL_ERROR "no sources under ${ZSTD_ROOT}/lib; remove build/ and run `npm run setup`")
endif()
add_library(zstd STATIC ${zstd_sources})
target_include_directories(zstd SYSTEM PUBLIC "${ZSTD_ROOT}/lib")
# Symbols of libzstd stay inside: another addon in the process may bring its own.
target_compile_definitions(zstd PRIVATE ZSTDLIB_VISIBLE= ZSTDLIB_HIDDEN= ZSTDERRORLIB_VISIBLE=
  DEBUGLEVEL=0)

# Level 3 is what snapshots are exported with. The match finders of level 5 and up would take half of
# the whole build's time; a higher level then falls back to the best that is there.
foreach(strategy GREEDY LAZY LAZY2 BTLAZY2 BTOPT BTULTRA)
  target_compile_definitions(zstd PRIVATE ZSTD_EXCLUDE_${strategy}_BLOCK_COMPRESSOR)
endforeach()

# libzstd's copy of xxHash holds XXH3 but switches it off in its first lines.
set(xxhash_switch "#ifndef XXH_NO_XXH3\n# define XXH_NO_XXH3\n#endif\n")
file(READ "${ZSTD_ROOT}/lib/common/xxhash.h" xxhash_text)
string(FIND "${xxhash_text}" "${xxhash_switch}" xxhash_at)
if(xxhash_at EQUAL -1)
  message(FATAL_ERROR "${ZSTD_ROOT}/lib/common/xxhash.h does not switch XXH3 off as expected; "
    "adapt native/cmake/zstd.cmake to this version of libzstd")
endif()
string(REPLACE "${xxhash_switch}" "" xxhash_text "${xxhash_text}")
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/xxhash/xxhash.h"
  CONTENT "${xxhash_text}" @ONLY)
add_library(xxhash INTERFACE)
target_include_directories(xxhash SYSTEM INTERFACE "${CMAKE_BINARY_DIR}/generated/xxhash")
