import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findBuilt } from '../../src/core/built.js'

/** A compiler that fails when it is told to. */
export interface FragileCompiler {
  /** Path of the program. */
  readonly program: string
  breaks(does: boolean): void
}

/** Makes one in a folder. */
export function fragileCompiler(folder: string): FragileCompiler {
  const broken = join(folder, 'broken')
  const program = join(folder, 'compiler')
  const real = findBuilt('wasmsh-compiler').find((path) => existsSync(path))
  const lines = [
    '#!/bin/sh',
    `if [ -e '${broken}' ]; then echo 'it is broken' >&2; exit 1; fi`,
    `exec '${real}' "$@"`,
  ]
  writeFileSync(program, `${lines.join('\n')}\n`)
  chmodSync(program, 0o755)
  return { program, breaks: (does) => (does ? writeFileSync(broken, '') : rmSync(broken)) }
}
