# What every target of ours shares.

# wasmsh_sources(VARIABLE FOLDER...)
#
# The C++ files of the given folders, found again at each build, so that a new file needs no change
# here. A folder without C++ files gives one empty file, since CMake wants at least one.
function(wasmsh_sources variable)
  set(sources "")
  foreach(folder IN LISTS ARGN)
    file(GLOB found CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc")
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    set(sources "${CMAKE_CURRENT_BINARY_DIR}/generated/empty.cc")
    file(CONFIGURE OUTPUT "${sources}" CONTENT "" @ONLY)
  endif()
  set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# Warnings are errors in our C++. WAMR, libzstd and the C files that include WAMR's are not ours to
# warn about.
function(wasmsh_warnings target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Werror>)
endfunction()

# wasmsh_library(NAME FOLDERS FOLDER... [LINK TARGET...])
#
# A static library of the C++ files of the given folders.
function(wasmsh_library name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;LINK" ${ARGN})
  wasmsh_sources(sources ${ARG_FOLDERS})
  add_library(${name} STATIC ${sources})
  # Includes are written from native/: #include "wasm/module.h".
  target_include_directories(${name} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  wasmsh_warnings(${name})
endfunction()
