import { existsSync } from 'node:fs'
import { arch, cpus } from 'node:os'
import type { FramePoint } from '../aot/twin-list.js'
import { WasmshError } from '../errors.js'
import type { Module } from '../module.js'
import { sha256 } from '../snapshot/snapshot-files.js'
import { productVersion } from '../version.js'
import type { CodeTwins } from './compile-job.js'
import { programDigest } from './program-digest.js'
import { type CompileTarget, cpuFlags } from './target.js'

/** Raised when the pass writes other code for the same module. */
const passVersion = 5

/** Key of code with those twins; with the digest of what was taken from a profile, if it was. */
export type CodeKeys = (twins: CodeTwins, profile?: string | null) => string

/** Keys of the machine code of a module: everything that it depends on. */
export async function codeKeys(module: Module, program: string): Promise<CodeKeys> {
  const compiler = await programDigest(program)
  // The CPU's model and what it can do: code is made for just this one.
  const cpu = `${cpus()[0]?.model ?? ''} ${cpuFlags()}`
  const parts = [module.sha256, passVersion, compiler, arch(), cpu]
  return (twins, profile = null) =>
    sha256([...parts, twins, ...(profile === null ? [] : [profile])].join('\n'))
}

/** Key of machine code for any machine of a target. Nothing of the one that makes it is in it, nor its
 *  compiler, which is another program elsewhere: that is named by its sources (`revision`: see
 *  NativeEngine.codeRevision). Whoever has the same wasmsh finds it. */
export function portableKey(
  module: Pick<Module, 'sha256'>,
  revision: string,
  target: CompileTarget,
  twins: CodeTwins,
): string {
  const parts = [module.sha256, passVersion, productVersion(), revision, target, twins]
  return sha256(parts.join('\n'))
}

/** Key of twins for the code of a key. It begins with that key: they are of no use without it. */
export function twinsKey(code: string, twins: readonly FramePoint[], isQuick: boolean): string {
  return `${code}.${sha256(JSON.stringify([twins, isQuick])).slice(0, 32)}`
}

/** @throws WasmshError ERR_WASMSH_COMPILER_MISSING */
export function findProgram(programs: readonly string[]): string {
  const program = programs.find((path) => existsSync(path))
  if (program !== undefined) return program
  throw new WasmshError(
    'ERR_WASMSH_COMPILER_MISSING',
    'Compiled code needs the compiler of wasmsh, which is built where LLVM 19 is installed',
  )
}

/** Refuses at once what would be refused after minutes, when it is started. */
export function requireCompilable({ description, file }: Module): void {
  if (!description.memories.some(({ shared }) => shared)) return
  throw new WasmshError(
    'ERR_WASMSH_UNSUPPORTED_FEATURE',
    `Compiled code has no shared memories: ${file} has one`,
  )
}
