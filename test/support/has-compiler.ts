import { existsSync } from 'node:fs'
import { findBuilt } from '../../src/core/built.js'

/** Whether compiled code can be made here: the compiler is built only where LLVM is. */
export const hasCompiler = findBuilt('wasmsh-compiler').some((path) => existsSync(path))
/** Why a test is skipped without it. */
export const noCompiler = 'the compiler is not built; run "npm run setup -- --compiler"'
