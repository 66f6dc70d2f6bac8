#include "binding/host_files.h"

#include "binding/errors.h"
#include "binding/values.h"
#include "binding/work.h"
#include "platform/linux/host_files.h"

namespace wasmsh::binding {

namespace {

Napi::Value OpenBeneath(const Napi::CallbackInfo& info) {
  int host_fd = -1;
  ThrowUnlessOk(info.Env(),
                platform::OpenBeneath(ToText(info[0]), ToText(info[1]), int(ToUint32(info[2])),
                                      ToUint32(info[3]), &host_fd));
  return Napi::Number::New(info.Env(), host_fd);
}

Napi::Value SetModified(const Napi::CallbackInfo& info) {
  ThrowUnlessOk(info.Env(), platform::SetModified(int(ToUint32(info[0])), FromBigInt(info[1])));
  return info.Env().Undefined();
}

Napi::Value CopyContents(const Napi::CallbackInfo& info) {
  const int from = int(ToUint32(info[0]));
  const int to = int(ToUint32(info[1]));
  return RunWork(
      info.Env(), [from, to] { return platform::CopyContents(from, to); },
      [](Napi::Env env) { return env.Undefined(); });
}

}  // namespace

void DefineHostFiles(Napi::Env env, Napi::Object exports) {
  exports.Set("openBeneath", Napi::Function::New<OpenBeneath>(env, "openBeneath"));
  exports.Set("setModified", Napi::Function::New<SetModified>(env, "setModified"));
  exports.Set("copyContents", Napi::Function::New<CopyContents>(env, "copyContents"));
}

}  // namespace wasmsh::binding
