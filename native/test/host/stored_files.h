#ifndef WASMSH_TEST_HOST_STORED_FILES_H_
#define WASMSH_TEST_HOST_STORED_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "status.h"

namespace wasmsh::test_host {

/** Codes: STORE_READ. */
Status ReadWholeFile(const std::string& path, std::vector<uint8_t>* out);

/** Reads what a snapshot's directory holds: state.bin, and an index and an image for each memory.
 *  Children, whose pages are in other snapshots too, have to be exported first. Codes: STORE_READ,
 *  and those of decoding. */
Status ReadSnapshot(const std::string& directory, std::unique_ptr<engine::Recovery>* out);

/** Has the engine load code.aot, points.bin and build.json, as `compile` has made them. */
Status LoadCompiled(const std::string& directory, engine::Engine* engine,
                    std::shared_ptr<const engine::CompiledCode>* out);

/** The same of twins for that code: code.aot and build.json. */
Status LoadTwins(const std::string& directory, engine::Engine* engine,
                 std::shared_ptr<const engine::CompiledCode> code,
                 std::shared_ptr<const engine::Twins>* out);

}  // namespace wasmsh::test_host

#endif  // WASMSH_TEST_HOST_STORED_FILES_H_
