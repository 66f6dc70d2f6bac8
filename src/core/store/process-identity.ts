import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Tells a process from every other, also from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Start in clock ticks since boot; "0" where the system does not say. */
  readonly started: string
  /** Of the running kernel: changes with every boot. */
  readonly boot: string
  /** Inode of the namespace that the pid belongs to. */
  readonly namespace: string
  /** Digest of the machine's name. */
  readonly host: string
}

/** "unknown": the process is in another container or on another machine. */
export type Liveness = 'alive' | 'dead' | 'unknown'

let own: ProcessIdentity | null = null

/** Identifies this process. */
export function ownIdentity(): ProcessIdentity {
  own ??= identify()
  return own
}

function identify(): ProcessIdentity {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? '0',
    boot: bootId(),
    namespace: pidNamespace(),
    host: createHash('sha256').update(hostname()).digest('hex').slice(0, 8),
  }
}

/** Formats an identity without blanks, slashes and underscores but those between its parts. */
export function formatIdentity(identity: ProcessIdentity): string {
  const { pid, started, boot, namespace, host } = identity
  return [pid, started, boot, namespace, host].join('_')
}

/** Parses what formatIdentity formatted; null for anything else. */
export function parseIdentity(text: string): ProcessIdentity | null {
  const parts = /^(\d{1,10})_(\d{1,20})_([0-9a-f-]{1,36})_(\d{1,20})_([0-9a-f]{8})$/.exec(text)
  if (parts === null) return null
  const [, pid = '', started = '', boot = '', namespace = '', host = ''] = parts
  return { pid: Number(pid), started, boot, namespace, host }
}

/** Says whether a process still runs. */
export function liveness(identity: ProcessIdentity, own = ownIdentity()): Liveness {
  if (identity.boot !== own.boot) return identity.host === own.host ? 'dead' : 'unknown'
  if (identity.namespace !== own.namespace) return 'unknown'
  if (identity.started === '0') return isRunning(identity.pid) ? 'alive' : 'dead'
  const started = identity.pid === own.pid ? own.started : startOf(identity.pid)
  return started === identity.started ? 'alive' : 'dead'
}

/** Field 22 of /proc/PID/stat, see proc_pid_stat(5); null for a process that is not there or is
 *  only waited for. */
function startOf(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`)
  // The name in field 2 may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  return state === undefined || state === 'Z' || state === 'X' ? null : (fields[19] ?? null)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function bootId(): string {
  const id = read('/proc/sys/kernel/random/boot_id').trim()
  return /^[0-9a-f-]{36}$/.test(id) ? id : '0'
}

function pidNamespace(): string {
  try {
    return /\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/pid'))?.[1] ?? '0'
  } catch {
    return '0'
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
