# wasmsh.node. The headers are those of the packages node-api-headers and node-addon-api: cmake-js
# passes their folders, and a plain cmake run asks Node for them.

if(NOT CMAKE_JS_INC)
  execute_process(
    COMMAND node -p "[require('node-api-headers').include_dir,require('node-addon-api').include_dir].join(';')"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    OUTPUT_VARIABLE CMAKE_JS_INC OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "node-api-headers and node-addon-api are not installed; "
      "run `npm run setup` or pass -DWASMSH_NODE=OFF")
  endif()
endif()

wasmsh_sources(binding_sources binding)
add_library(wasmsh MODULE ${binding_sources})
set_target_properties(wasmsh PROPERTIES PREFIX "" SUFFIX ".node")
wasmsh_warnings(wasmsh)
target_include_directories(wasmsh SYSTEM PRIVATE ${CMAKE_JS_INC})
target_compile_definitions(wasmsh PRIVATE NAPI_VERSION=9 NAPI_CPP_EXCEPTIONS
  NODE_ADDON_API_DISABLE_DEPRECATED)
include(code_revision)
code_revision(revision)
set_source_files_properties("${CMAKE_CURRENT_SOURCE_DIR}/binding/engine_object.cc" PROPERTIES
  COMPILE_DEFINITIONS "WASMSH_CODE_REVISION=\"${revision}\"")
# nodelete: the fault handler must outlive a worker thread that unloads the addon.
# exclude-libs: the symbols of static libraries are not exported.
target_link_options(wasmsh PRIVATE -Wl,-z,nodelete -Wl,--exclude-libs,ALL)
target_link_libraries(wasmsh PRIVATE wasmsh_engine)
