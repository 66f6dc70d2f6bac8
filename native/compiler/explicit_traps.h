#ifndef WASMSH_COMPILER_EXPLICIT_TRAPS_H_
#define WASMSH_COMPILER_EXPLICIT_TRAPS_H_

#include <cstdint>

#include "compiler/compilation.h"

namespace wasmsh::compiler {

/**
 * Code that finds a trap itself (a division by zero, say) goes to one block of its function, which
 * calls aot_set_exception_with_id(instance, id). That block is told the place, too, and passes it
 * on as two more arguments, function and pc, in the terms of the original module: the engine's
 * function of that name takes them. Nothing that runs without a trap changes. To be called on what
 * has been generated with InstructionPlaces, before anything is optimized.
 */
void PassPlacesOfTraps(const Compilation& compilation);

/**
 * Sees to it that places are not lost where LLVM would lose them: a load that leaves its loop loses
 * its debug location, and keeps this metadata; a call of the runtime that takes its caller's place,
 * as calls at the end of functions may, would leave no frame. To be called before anything is
 * optimized.
 */
void KeepPlaces(const Compilation& compilation);

/** Metadata of a load: its debug location, without what it was inlined into. */
constexpr char kPlaceMetadata[] = "wasmsh.place";

/** Stands for a place that is not known. */
constexpr uint32_t kNoPlace = UINT32_MAX;

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_EXPLICIT_TRAPS_H_
