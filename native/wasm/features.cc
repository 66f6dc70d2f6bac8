#include "wasm/features.h"

#include "wasm/opcodes.h"

namespace wasmsh::wasm {

const char* FeatureOfOpcode(uint8_t opcode, uint32_t sub_opcode) {
  switch (opcode) {
    case 0x06:  // try
    case 0x07:  // catch
    case 0x08:  // throw
    case 0x09:  // rethrow
    case 0x0a:  // throw_ref
    case 0x18:  // delegate
    case 0x19:  // catch_all
    case 0x1f:  // try_table
      return kFeatureExceptions;
    case 0x14:  // call_ref
    case 0x15:  // return_call_ref
    case 0xd4:  // ref.as_non_null
    case 0xd5:  // br_on_null
    case 0xd6:  // br_on_non_null
      return kFeatureTypedReferences;
    case 0xd3:  // ref.eq
    case 0xfb:  // struct, array, i31, casts
      return kFeatureGc;
    case 0xe0:  // cont.new
    case 0xe1:  // cont.bind
    case 0xe2:  // suspend
    case 0xe3:  // resume
    case 0xe4:  // resume_throw
    case 0xe5:  // switch
      return kFeatureStackSwitching;
    case kMiscPrefix:
      return sub_opcode >= 0x13 && sub_opcode <= 0x16 ? kFeatureWideArithmetic : nullptr;
    case kVectorPrefix:
      return sub_opcode >= 0x100 && sub_opcode <= 0x12f ? kFeatureRelaxedSimd : nullptr;
    case kAtomicPrefix:
      return sub_opcode >= 0x4f && sub_opcode <= 0x7f ? kFeatureSharedEverything : nullptr;
    default:
      return nullptr;
  }
}

const char* FeatureOfValueType(uint8_t byte) {
  switch (byte) {
    case 0x63:  // (ref null ht)
    case 0x64:  // (ref ht)
      return kFeatureTypedReferences;
    case 0x65:  // shared
      return kFeatureSharedEverything;
    case 0x68:  // contref
    case 0x75:  // nullcontref
      return kFeatureStackSwitching;
    case 0x69:  // exnref
    case 0x74:  // nullexnref
      return kFeatureExceptions;
    case 0x6a:  // arrayref
    case 0x6b:  // structref
    case 0x6c:  // i31ref
    case 0x6d:  // eqref
    case 0x6e:  // anyref
    case 0x71:  // nullref
    case 0x72:  // nullexternref
    case 0x73:  // nullfuncref
    case 0x77:  // i16, packed
    case 0x78:  // i8, packed
      return kFeatureGc;
    default:
      return nullptr;
  }
}

const char* FeatureOfTypeForm(uint8_t byte) {
  switch (byte) {
    case 0x4e:  // rec
    case 0x4f:  // sub final
    case 0x50:  // sub
    case 0x5e:  // array
    case 0x5f:  // struct
      return kFeatureGc;
    case 0x5d:  // cont
      return kFeatureStackSwitching;
    case 0x65:  // shared
      return kFeatureSharedEverything;
    default:
      return nullptr;
  }
}

}  // namespace wasmsh::wasm
