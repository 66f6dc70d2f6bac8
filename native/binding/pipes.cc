#include "binding/pipes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "binding/errors.h"
#include "binding/values.h"
#include "hostcalls/unread_input.h"

namespace wasmsh::binding {

namespace {

void ThrowErrno(Napi::Env env, const char* what) {
  const int failed = errno;
  ThrowUnlessOk(env, Status::Error("SYSTEM", what, failed));
}

Napi::Value CreatePipe(const Napi::CallbackInfo& info) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) ThrowErrno(info.Env(), "No pipe can be made");
  auto pipe = Napi::Object::New(info.Env());
  pipe.Set("read", ends[0]);
  pipe.Set("write", ends[1]);
  return pipe;
}

Napi::Value CloseDescriptor(const Napi::CallbackInfo& info) {
  close(int(ToUint32(info[0])));
  return info.Env().Undefined();
}

Napi::Value SeekDescriptor(const Napi::CallbackInfo& info) {
  if (lseek(int(ToUint32(info[0])), off_t(FromBigInt(info[1])), SEEK_SET) < 0) {
    ThrowErrno(info.Env(), "The file has no offset");
  }
  return info.Env().Undefined();
}

Napi::Value PipeBytes(const Napi::CallbackInfo& info) {
  int waiting = 0;
  if (ioctl(int(ToUint32(info[0])), FIONREAD, &waiting) != 0) {
    ThrowErrno(info.Env(), "The descriptor is no pipe");
  }
  return Napi::Number::New(info.Env(), waiting);
}

/** Answers the capacity, after setting it where that is asked for. */
Napi::Value PipeCapacity(const Napi::CallbackInfo& info) {
  const int fd = int(ToUint32(info[0]));
  if (!info[1].IsNull() && fcntl(fd, F_SETPIPE_SZ, int(ToUint32(info[1]))) < 0) {
    ThrowErrno(info.Env(), "The capacity of the pipe cannot be changed");
  }
  const int capacity = fcntl(fd, F_GETPIPE_SZ);
  if (capacity < 0) ThrowErrno(info.Env(), "The descriptor is no pipe");
  return Napi::Number::New(info.Env(), capacity);
}

/** Whether a read or write at this end would not wait: also when it would fail. */
Napi::Value PipeReady(const Napi::CallbackInfo& info) {
  pollfd polled = {int(ToUint32(info[0])), POLLIN | POLLOUT, 0};
  if (poll(&polled, 1, 0) < 0) ThrowErrno(info.Env(), "The pipe cannot be looked at");
  return Napi::Boolean::New(info.Env(), polled.revents != 0);
}

Napi::Value PipeContents(const Napi::CallbackInfo& info) {
  std::vector<uint8_t> bytes;
  ThrowUnlessOk(info.Env(), hostcalls::CopyUnread(int(ToUint32(info[0])), &bytes));
  return FromBytes(info.Env(), bytes);
}

}  // namespace

void DefinePipes(Napi::Env env, Napi::Object exports) {
  exports.Set("createPipe", Napi::Function::New<CreatePipe>(env, "createPipe"));
  exports.Set("closeDescriptor", Napi::Function::New<CloseDescriptor>(env, "closeDescriptor"));
  exports.Set("seekDescriptor", Napi::Function::New<SeekDescriptor>(env, "seekDescriptor"));
  exports.Set("pipeCapacity", Napi::Function::New<PipeCapacity>(env, "pipeCapacity"));
  exports.Set("pipeReady", Napi::Function::New<PipeReady>(env, "pipeReady"));
  exports.Set("pipeContents", Napi::Function::New<PipeContents>(env, "pipeContents"));
  exports.Set("pipeBytes", Napi::Function::New<PipeBytes>(env, "pipeBytes"));
}

}  // namespace wasmsh::binding
