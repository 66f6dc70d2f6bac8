# code_revision(VARIABLE)
#
# A digest of what makes machine code what it is, besides the module: the sources of the compiler, the
# formats that it shares with the engine, and how WAMR is configured. The same on every machine, whatever
# its CPU and tools, and whether LLVM is there: programs are not, so they cannot name code that goes
# from one machine to another. Found again when one of the files changes.
function(code_revision variable)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}"
    "${CMAKE_CURRENT_SOURCE_DIR}/compiler/*"
    "${CMAKE_CURRENT_SOURCE_DIR}/engine/compiled/*_format.h"
    "${CMAKE_CURRENT_SOURCE_DIR}/wamr/*")
  list(SORT files)
  set(text "")
  foreach(file IN LISTS files)
    file(SHA256 "${CMAKE_CURRENT_SOURCE_DIR}/${file}" digest)
    string(APPEND text "${file} ${digest}\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
      "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
  string(SHA256 digest "${text}")
  set(${variable} "${digest}" PARENT_SCOPE)
endfunction()
