/** The engine on other CPUs: native/test/host, built by `npm run setup -- --cross`, under qemu. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const crossCpus = ['aarch64', 'riscv64', 's390x'] as const
export type CrossCpu = (typeof crossCpus)[number]

/** Output of the host itself; guests write to files. */
const mostOutput = 64 * 1024 * 1024

const hostOf = (cpu: CrossCpu): string =>
  fileURLToPath(new URL(`../../build/cross/${cpu}/wasmsh_host`, import.meta.url))

/** Why there is no such CPU to test on; undefined when there is one. */
export function missingCpu(cpu: CrossCpu): string | undefined {
  if (existsSync(hostOf(cpu))) return undefined
  return `the engine is not built for ${cpu}; run "npm run setup -- --cross"`
}

/** A snapshot that the host has written. */
export interface HostSnapshot {
  readonly directory: string
  readonly position: string | null
  /** Written by this guest since it was started or recovered. */
  readonly stdoutBytes: number
  readonly stderrBytes: number
}

/** What came of one guest. */
export interface HostReport {
  readonly hasEnded: boolean
  readonly exitCode: number
  readonly trap: string | null
  readonly position: string | null
  readonly snapshots: readonly HostSnapshot[]
}

/** Runs the host with these arguments (see its usage); gives a report for each guest. */
export async function runHost(
  cpu: CrossCpu,
  args: readonly string[],
): Promise<readonly HostReport[]> {
  const emulator = [`qemu-${cpu}`, '-L', `/usr/${cpu}-linux-gnu`] as const
  const [command, ...before] = emulator
  const { stdout } = await run(command, [...before, hostOf(cpu), ...args], {
    maxBuffer: mostOutput,
  })
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as HostReport)
}
