#include "binding/codec.h"

#include <memory>
#include <vector>

#include "binding/environment.h"
#include "binding/values.h"
#include "binding/work.h"
#include "image/compress.h"

namespace wasmsh::binding {

namespace {

/** NativeCodec of src/core/native.ts over one of the two streams. Calls must not overlap. */
template <typename Stream>
class Codec : public Napi::ObjectWrap<Codec<Stream>> {
 public:
  using Base = Napi::ObjectWrap<Codec<Stream>>;

  static Napi::Function Define(Napi::Env env, const char* name) {
    return Base::DefineClass(env, name,
                             {Base::template InstanceMethod<&Codec::Write>("write"),
                              Base::template InstanceMethod<&Codec::Pending>("pending"),
                              Base::template InstanceMethod<&Codec::Finish>("finish")});
  }

  explicit Codec(const Napi::CallbackInfo& info) : Base(info), stream_(Make(info[0])) {}

 private:
  static std::shared_ptr<Stream> Make(const Napi::Value& setting) {
    if constexpr (std::is_same_v<Stream, image::Compressor>) {
      return std::make_shared<Stream>(int(ToDouble(setting)));
    } else {
      return std::make_shared<Stream>(uint64_t(ToDouble(setting)));
    }
  }

  Napi::Value Write(const Napi::CallbackInfo& info) {
    auto input = std::make_shared<std::vector<uint8_t>>(ToBytes(info[0]));
    auto output = std::make_shared<std::vector<uint8_t>>();
    return RunWork(
        info.Env(),
        [stream = stream_, input, output] {
          return stream->Write(input->data(), input->size(), output.get());
        },
        [output](Napi::Env env) { return FromBytes(env, *output); });
  }

  Napi::Value Pending(const Napi::CallbackInfo& info) {
    if constexpr (std::is_same_v<Stream, image::Compressor>) {
      return Napi::Boolean::New(info.Env(), false);
    } else {
      return Napi::Boolean::New(info.Env(), stream_->pending());
    }
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    auto output = std::make_shared<std::vector<uint8_t>>();
    return RunWork(
        info.Env(),
        [stream = stream_, output] {
          if constexpr (std::is_same_v<Stream, image::Compressor>) {
            return stream->Finish(output.get());
          } else {
            return stream->Finish();
          }
        },
        [output](Napi::Env env) { return FromBytes(env, *output); });
  }

  const std::shared_ptr<Stream> stream_;
};

Napi::Value CreateCompressor(const Napi::CallbackInfo& info) {
  return EnvironmentData::Of(info.Env())->compressor_class.New({info[0]});
}

Napi::Value CreateDecompressor(const Napi::CallbackInfo& info) {
  return EnvironmentData::Of(info.Env())->decompressor_class.New({info[0]});
}

}  // namespace

void DefineCodecs(Napi::Env env, Napi::Object exports) {
  EnvironmentData* data = EnvironmentData::Of(env);
  data->compressor_class =
      Napi::Persistent(Codec<image::Compressor>::Define(env, "NativeCompressor"));
  data->decompressor_class =
      Napi::Persistent(Codec<image::Decompressor>::Define(env, "NativeDecompressor"));
  exports.Set("createCompressor", Napi::Function::New<CreateCompressor>(env, "createCompressor"));
  exports.Set("createDecompressor",
              Napi::Function::New<CreateDecompressor>(env, "createDecompressor"));
}

}  // namespace wasmsh::binding
