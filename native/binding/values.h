#ifndef WASMSH_BINDING_VALUES_H_
#define WASMSH_BINDING_VALUES_H_

#include <napi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/view.h"

/** Conversions of single values. Reading a JavaScript value of the wrong type throws a TypeError.
 */
namespace wasmsh::binding {

Napi::BigInt ToBigInt(Napi::Env env, uint64_t value);
Napi::Value ToBigIntOrNull(Napi::Env env, const std::optional<uint64_t>& value);
/** Values are taken modulo 2^64; -1n is all ones. */
uint64_t FromBigInt(const Napi::Value& value);
std::optional<uint64_t> FromBigIntOrNull(const Napi::Value& value);

uint32_t ToUint32(const Napi::Value& value);
double ToDouble(const Napi::Value& value);
bool ToBool(const Napi::Value& value);
std::string ToText(const Napi::Value& value);
std::vector<std::string> ToTexts(const Napi::Value& value);
std::vector<uint8_t> ToBytes(const Napi::Value& value);
Napi::Object ToObject(const Napi::Value& value);
/** An array as a list of its elements. */
std::vector<Napi::Value> ToList(const Napi::Value& value);
Napi::Uint8Array FromBytes(Napi::Env env, const uint8_t* bytes, size_t size);
Napi::Uint8Array FromBytes(Napi::Env env, const std::vector<uint8_t>& bytes);

/** A wasm value's bits: v128 as one 128-bit integer, a null reference as -1n. */
Napi::BigInt BitsToBigInt(Napi::Env env, view::ValueType type, const std::array<uint64_t, 2>& bits);
std::array<uint64_t, 2> BitsFromBigInt(const Napi::Value& value);

Napi::Object ToJs(Napi::Env env, const view::Value& value);
Napi::Array ToJs(Napi::Env env, const std::vector<view::Value>& values);
view::Value ValueFromJs(const Napi::Value& value);
std::vector<view::Value> ValuesFromJs(const Napi::Value& value);

/** Throws a TypeError for an unknown name. */
view::ValueType TypeFromName(Napi::Env env, const std::string& name);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_VALUES_H_
