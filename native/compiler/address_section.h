#ifndef WASMSH_COMPILER_ADDRESS_SECTION_H_
#define WASMSH_COMPILER_ADDRESS_SECTION_H_

namespace wasmsh::compiler {

/** A section of the object file with addresses of labels, in the order of TrapTable's functions. */
constexpr char kAddressSection[] = ".wasmsh.addresses";
constexpr unsigned kAddressBytes = 4;

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_ADDRESS_SECTION_H_
