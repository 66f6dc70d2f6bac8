#ifndef WASMSH_BINDING_PLUGIN_REQUESTS_H_
#define WASMSH_BINDING_PLUGIN_REQUESTS_H_

#include <napi.h>

#include "hostcalls/plugin_imports.h"
#include "hostcalls/plugin_request.h"
#include "oplog/op_log.h"

namespace wasmsh::binding {

/** NativeRequest of src/core/native.ts. */
Napi::Object RequestToJs(Napi::Env env, const hostcalls::PluginRequest& request);

/** NativeAnswer of src/core/native.ts. */
hostcalls::PluginAnswer AnswerFromJs(const Napi::Value& value);

/** NativeImport of src/core/native.ts. Throws for a shape that the log does not have. */
hostcalls::PluginImport ImportFromJs(const Napi::Value& value, const oplog::OpLog* log);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_PLUGIN_REQUESTS_H_
