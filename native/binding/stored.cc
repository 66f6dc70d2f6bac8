#include "binding/stored.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "binding/errors.h"
#include "binding/module_object.h"
#include "binding/values.h"
#include "binding/view_convert.h"
#include "binding/work.h"
#include "image/file.h"
#include "image/hash.h"
#include "image/stored_edit.h"

namespace wasmsh::binding {

namespace {

view::View Decoded(const Napi::Value& state) {
  const std::vector<uint8_t> bytes = ToBytes(state);
  view::View view;
  ThrowUnlessOk(state.Env(), view::Decode(bytes.data(), bytes.size(), &view));
  return view;
}

Napi::Value DecodeState(const Napi::CallbackInfo& info) {
  return ViewToJs(info.Env(), Decoded(info[0]));
}

Napi::Value DecodeOutside(const Napi::CallbackInfo& info) {
  view::View view = Decoded(info[0]);
  view.memories.clear();
  view.instances.clear();
  for (view::Thread& thread : view.threads) thread.frames.clear();
  return ViewToJs(info.Env(), view);
}

Napi::Value WithDescriptors(const Napi::CallbackInfo& info) {
  view::View view = Decoded(info[0]);
  view.descriptors.clear();
  for (const Napi::Value& descriptor : ToList(info[1])) {
    view.descriptors.push_back(DescriptorFromJs(descriptor));
  }
  return FromBytes(info.Env(), view::Encode(view));
}

Napi::Value EncodeState(const Napi::CallbackInfo& info) {
  return FromBytes(info.Env(), view::Encode(ViewFromJs(info[0])));
}

Napi::Value ValidateState(const Napi::CallbackInfo& info) {
  const auto module = ModuleObject::Of(info[0]);
  const std::vector<uint8_t> bytes = ToBytes(info[1]);
  view::View view;
  ThrowUnlessOk(info.Env(), view::Decode(bytes.data(), bytes.size(), &view));
  ThrowUnlessOk(info.Env(), view::Validate(view, module->analysis()));
  return info.Env().Undefined();
}

Napi::Value DescribeIndex(const Napi::CallbackInfo& info) {
  const std::vector<uint8_t> bytes = ToBytes(info[0]);
  image::MemoryImage image;
  ThrowUnlessOk(info.Env(), image::DecodeIndex(bytes.data(), bytes.size(), &image));
  return IndexToJs(info.Env(), image);
}

Napi::Value VerifyImage(const Napi::CallbackInfo& info) {
  auto files = std::make_shared<StoredMemoryFiles>(StoredFromJs(info[0], info[1]));
  return RunWork(
      info.Env(), [files] { return image::VerifyImage(files->image, files->paths); },
      [](Napi::Env env) { return env.Undefined(); });
}

Napi::Value ReadImage(const Napi::CallbackInfo& info) {
  const StoredMemoryFiles files = StoredFromJs(info[0], info[1]);
  const uint64_t address = FromBigInt(info[2]);
  const uint32_t length = ToUint32(info[3]);
  if (length > files.image.bytes || address > files.image.bytes - length) {
    ThrowUnlessOk(info.Env(),
                  Status::Error("MEMORY_RANGE", "The address is outside the stored memory of " +
                                                    std::to_string(files.image.bytes) + " bytes"));
  }
  std::vector<uint8_t> bytes(length);
  ThrowUnlessOk(info.Env(),
                image::ReadImage(files.image, files.paths, address, length, bytes.data()));
  return FromBytes(info.Env(), bytes);
}

Napi::Value DiffImages(const Napi::CallbackInfo& info) {
  auto a = std::make_shared<StoredMemoryFiles>(StoredFromJs(info[0]));
  auto b = std::make_shared<StoredMemoryFiles>(StoredFromJs(info[1]));
  const uint32_t limit = ToUint32(info[2]);
  auto ranges = std::make_shared<std::vector<image::ByteRange>>();
  return RunWork(
      info.Env(),
      [a, b, limit, ranges] {
        return image::DiffImages({a->image, a->paths}, {b->image, b->paths}, limit, ranges.get());
      },
      [ranges](Napi::Env env) {
        auto list = Napi::Array::New(env, ranges->size());
        for (size_t i = 0; i < ranges->size(); i++) {
          auto item = Napi::Object::New(env);
          item.Set("address", ToBigInt(env, (*ranges)[i].offset));
          item.Set("length", ToBigInt(env, (*ranges)[i].length));
          list.Set(uint32_t(i), item);
        }
        return list;
      });
}

Napi::Value PatchImage(const Napi::CallbackInfo& info) {
  struct Job {
    StoredMemoryFiles base;
    std::vector<image::Patch> patches;
    std::string prefix;
    image::MemoryImage made;
    std::vector<uint8_t> index;
  };
  auto job = std::make_shared<Job>();
  job->base = StoredFromJs(info[0]);
  for (const Napi::Value& item : ToList(info[1])) {
    const Napi::Object patch = ToObject(item);
    job->patches.push_back({FromBigInt(patch.Get("address")), ToBytes(patch.Get("bytes"))});
  }
  job->prefix = ToText(info[2]) + "/memory-" + std::to_string(ToUint32(info[3]));
  return RunWork(
      info.Env(),
      [job] {
        Status status = image::PatchImage(job->base.image, job->base.paths, job->patches,
                                          job->prefix + ".img", true, &job->made);
        if (!status.ok()) return status;
        return image::WriteWholeFile(job->prefix + ".idx", image::EncodeIndex(job->made), true);
      },
      [job](Napi::Env env) { return IndexToJs(env, job->made); });
}

Napi::Value Xxh3(const Napi::CallbackInfo& info) {
  const std::vector<uint8_t> bytes = ToBytes(info[0]);
  const image::Hash128 hash = image::HashBytes(bytes.data(), bytes.size());
  static const char* const digits = "0123456789abcdef";
  std::string hex;
  for (const uint8_t byte : hash) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return Napi::String::New(info.Env(), hex);
}

}  // namespace

StoredMemoryFiles StoredFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  return StoredFromJs(object.Get("index"), object.Get("images"));
}

StoredMemoryFiles StoredFromJs(const Napi::Value& index, const Napi::Value& images) {
  StoredMemoryFiles files;
  const std::vector<uint8_t> bytes = ToBytes(index);
  ThrowUnlessOk(index.Env(), image::DecodeIndex(bytes.data(), bytes.size(), &files.image));
  files.paths = ToTexts(images);
  ThrowUnlessOk(index.Env(), image::CheckImage(files.image, uint32_t(files.paths.size())));
  return files;
}

Napi::Object IndexToJs(Napi::Env env, const image::MemoryImage& image) {
  uint64_t own = 0, stored = 0;
  uint32_t images = 1;
  for (const image::Extent& extent : image.extents) {
    stored += extent.length;
    if (extent.image == 0) own += extent.length;
    images = std::max(images, extent.image + 1);
  }
  auto object = Napi::Object::New(env);
  object.Set("bytes", double(image.bytes));
  object.Set("ownBytes", double(own));
  object.Set("storedBytes", double(stored));
  object.Set("extents", double(image.extents.size()));
  object.Set("images", images);
  return object;
}

void DefineStored(Napi::Env env, Napi::Object exports) {
  exports.Set("decodeState", Napi::Function::New<DecodeState>(env, "decodeState"));
  exports.Set("decodeOutside", Napi::Function::New<DecodeOutside>(env, "decodeOutside"));
  exports.Set("withDescriptors", Napi::Function::New<WithDescriptors>(env, "withDescriptors"));
  exports.Set("encodeState", Napi::Function::New<EncodeState>(env, "encodeState"));
  exports.Set("validateState", Napi::Function::New<ValidateState>(env, "validateState"));
  exports.Set("describeIndex", Napi::Function::New<DescribeIndex>(env, "describeIndex"));
  exports.Set("verifyImage", Napi::Function::New<VerifyImage>(env, "verifyImage"));
  exports.Set("readImage", Napi::Function::New<ReadImage>(env, "readImage"));
  exports.Set("diffImages", Napi::Function::New<DiffImages>(env, "diffImages"));
  exports.Set("patchImage", Napi::Function::New<PatchImage>(env, "patchImage"));
  exports.Set("xxh3", Napi::Function::New<Xxh3>(env, "xxh3"));
}

}  // namespace wasmsh::binding
