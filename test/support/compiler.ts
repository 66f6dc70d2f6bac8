import { existsSync } from 'node:fs'
import { findBuilt } from '../../src/core/built.js'

/** Set-up has built the compiler of compiled code. */
export const hasCompiler = findBuilt('wasmsh-compiler').some((path) => existsSync(path))

/** Why tests of compiled code are skipped without it. */
export const noCompiler = 'the compiler is not built; run "npm run setup -- --compiler"'
