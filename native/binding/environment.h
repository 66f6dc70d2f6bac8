#ifndef WASMSH_BINDING_ENVIRONMENT_H_
#define WASMSH_BINDING_ENVIRONMENT_H_

#include <napi.h>

namespace wasmsh::binding {

/** What belongs to one Node environment (the main thread or a worker). Leaked on purpose: it must
 *  outlive every call that Node still delivers while it takes the environment down. */
struct EnvironmentData {
  Napi::FunctionReference module_class;
  Napi::FunctionReference compiled_class;
  Napi::FunctionReference twins_class;
  Napi::FunctionReference engine_class;
  Napi::FunctionReference compressor_class;
  Napi::FunctionReference decompressor_class;
  Napi::FunctionReference op_log_class;
  Napi::FunctionReference visits_class;

  static EnvironmentData* Of(Napi::Env env) { return env.GetInstanceData<EnvironmentData>(); }
};

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_ENVIRONMENT_H_
