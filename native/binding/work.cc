#include "binding/work.h"

#include "binding/errors.h"

namespace wasmsh::binding {

namespace {

class Work final : public Napi::AsyncWorker {
 public:
  Work(Napi::Env env, std::function<Status()> execute, std::function<Napi::Value(Napi::Env)> result)
      : Napi::AsyncWorker(env, "wasmsh"),
        deferred_(Napi::Promise::Deferred::New(env)),
        execute_(std::move(execute)),
        result_(std::move(result)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { status_ = execute_(); }

  void OnOK() override {
    Napi::HandleScope scope(Env());
    if (!status_.ok()) {
      deferred_.Reject(ToError(Env(), status_).Value());
      return;
    }
    try {
      deferred_.Resolve(result_(Env()));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  const Napi::Promise::Deferred deferred_;
  const std::function<Status()> execute_;
  const std::function<Napi::Value(Napi::Env)> result_;
  Status status_;
};

}  // namespace

Napi::Promise RunWork(Napi::Env env, std::function<Status()> execute,
                      std::function<Napi::Value(Napi::Env)> result) {
  auto* work = new Work(env, std::move(execute), std::move(result));  // deletes itself
  const Napi::Promise promise = work->promise();
  work->Queue();
  return promise;
}

}  // namespace wasmsh::binding
