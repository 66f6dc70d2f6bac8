/** The engine on other CPUs: native/test/host, built by `npm run setup -- --cross`, under qemu. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const crossCpus = ['aarch64', 'riscv64', 's390x'] as const
export type CrossCpu = (typeof crossCpus)[number]

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
  /** Where it trapped; null when that is not known. */
  readonly trapFunction: number | null
  readonly trapPc: number | null
  readonly position: string | null
  /** Times that it moved into compiled code, without those that begin in it. */
  readonly crossings: number
  readonly snapshots: readonly HostSnapshot[]
}

/** Makes twins of functions at points; gives the directory that they are in. */
export type MakeTwins = (frames: readonly (readonly [number, number])[]) => Promise<string>

/** Runs the host with these arguments (see its usage); gives a report for each guest. */
export async function runHost(
  cpu: CrossCpu,
  args: readonly string[],
  makeTwins?: MakeTwins,
): Promise<readonly HostReport[]> {
  const before = ['-L', `/usr/${cpu}-linux-gnu`, hostOf(cpu)]
  const host = spawn(`qemu-${cpu}`, [...before, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaint = ''
  host.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-2000)
  })
  const ending = new Promise<string>((resolve, reject) => {
    host.once('error', reject)
    host.once('close', (code, killed) => resolve(killed ?? `exit code ${code}`))
  })
  const reports: HostReport[] = []
  try {
    for await (const line of createInterface({ input: host.stdout })) {
      const news = JSON.parse(line) as HostReport | { readonly twins: [number, number][] }
      if ('twins' in news) host.stdin.write(`${(await makeTwins?.(news.twins)) ?? ''}\n`)
      else reports.push(news)
    }
  } finally {
    host.stdin.destroy()
  }
  const end = await ending
  if (end !== 'exit code 0') throw new Error(`The host ended with ${end}: ${complaint}`)
  return reports
}
