#ifndef WASMSH_BINDING_WORK_H_
#define WASMSH_BINDING_WORK_H_

#include <napi.h>

#include <functional>
#include <utility>

#include "status.h"

namespace wasmsh::binding {

/**
 * Runs `execute` on libuv's pool, where nothing of JavaScript may be touched, then settles a
 * promise on the JavaScript thread with what `result` makes, or with the error of the status.
 */
Napi::Promise RunWork(Napi::Env env, std::function<Status()> execute,
                      std::function<Napi::Value(Napi::Env)> result);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_WORK_H_
