import { readFileSync } from 'node:fs'
import { arch } from 'node:os'
import { WasmshError } from '../errors.js'

/** CPUs that machine code can be made for, on any machine: each as its oldest kind that Linux
 *  distributions of today run on. */
export const compileTargets = ['x86_64', 'aarch64', 'riscv64'] as const
export type CompileTarget = (typeof compileTargets)[number]

/** @throws WasmshError ERR_WASMSH_COMPILE_TARGET */
export function requireTarget(name: string): CompileTarget {
  const known = compileTargets.find((target) => target === name)
  if (known !== undefined) return known
  const list = `${compileTargets.slice(0, -1).join(', ')} and ${compileTargets.at(-1)}`
  throw new WasmshError(
    'ERR_WASMSH_COMPILE_TARGET',
    name === 's390x'
      ? `WAMR's loader has no relocations for s390x: guests run in the interpreter there; the targets are ${list}`
      : `There is no target "${name}"; the targets are ${list}`,
  )
}

const targetOfArch: Readonly<Record<string, CompileTarget>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  riscv64: 'riscv64',
}

/** What x86-64-v2 has and the first CPUs of that name had not, as Linux calls it. */
const v2Flags = ['cx16', 'lahf_lm', 'popcnt', 'ssse3', 'sse4_1', 'sse4_2']

/** The target whose code this machine can run; undefined when there is none. */
export function ownTarget(): CompileTarget | undefined {
  const target = targetOfArch[arch()]
  if (target !== 'x86_64') return target
  const flags = new Set(cpuFlags().split(/\s+/))
  return v2Flags.every((flag) => flags.has(flag)) ? target : undefined
}

/** What the first CPU of this machine can do, as Linux lists it; empty where it says nothing. */
export function cpuFlags(): string {
  try {
    const text = readFileSync('/proc/cpuinfo', 'utf8')
    return /^(?:flags|Features|isa)\s*:(.*)$/m.exec(text)?.[1] ?? ''
  } catch {
    return ''
  }
}
