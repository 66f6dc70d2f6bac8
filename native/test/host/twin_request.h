#ifndef WASMSH_TEST_HOST_TWIN_REQUEST_H_
#define WASMSH_TEST_HOST_TWIN_REQUEST_H_

#include <string>
#include <vector>

#include "engine/compiled/twins.h"
#include "status.h"

namespace wasmsh::test_host {

/** Asks whoever has started the host for twins of frames: {"twins":[[function,point],...]} on
 *  standard output. The answer is a line on standard input, the directory that they are in.
 *  Codes: COMPILED_CODE when there is none. */
Status RequestTwins(const std::vector<engine::FramePoint>& frames, std::string* directory);

}  // namespace wasmsh::test_host

#endif  // WASMSH_TEST_HOST_TWIN_REQUEST_H_
