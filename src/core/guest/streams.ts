import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { fromSystem, nativeCall, WasmshError } from '../errors.js'
import type { NativeBinding, NativeStream } from '../native.js'
import { GuestInput } from './guest-input.js'
import { openOutput } from './guest-output.js'
import type { StreamOption } from './run-options.js'

export type StreamName = 'stdin' | 'stdout' | 'stderr'

/** How one standard stream is to be opened. */
export interface StreamPlan {
  readonly option: StreamOption
  /** Files: continue at this offset instead of at the start of an emptied file. */
  readonly offset?: number
}

/** The standard streams of one guest: the guest's ends for native code, ours for JavaScript. */
export interface GuestStreams {
  readonly native: Readonly<Record<StreamName, NativeStream>>
  readonly stdin: GuestInput | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Files by absolute path, for bindings.json. */
  readonly files: Readonly<Partial<Record<StreamName, string>>>
}

/** Has a plugin open what a stream is to be; answers a host descriptor. */
export type OpenResource = (name: StreamName, target: string) => number

interface Opened {
  readonly native: NativeStream
  readonly hostFd: number
  readonly file: string | null
}

/**
 * Opens the three streams; on failure nothing stays open. Native code owns the guest's ends once it
 * was given them.
 *
 * @throws WasmshError ERR_WASMSH_STREAM_FILE
 */
export function openStreams(
  binding: NativeBinding,
  plans: Readonly<Record<StreamName, StreamPlan>>,
  openResource: OpenResource = refuseResource,
): GuestStreams {
  const opened: Partial<Record<StreamName, Opened>> = {}
  try {
    opened.stdin = openOne(binding, 'stdin', plans.stdin, openResource)
    opened.stdout = openOne(binding, 'stdout', plans.stdout, openResource)
    // One file for both is opened once: what is written goes behind what is there.
    opened.stderr = isSameFile(plans.stdout, plans.stderr)
      ? opened.stdout
      : openOne(binding, 'stderr', plans.stderr, openResource)
  } catch (error) {
    for (const one of Object.values(opened)) {
      if (one.hostFd >= 0) binding.closeDescriptor(one.hostFd)
      if (one.native.fd >= 0) binding.closeDescriptor(one.native.fd)
    }
    throw error
  }
  const { stdin, stdout, stderr } = opened
  const files: Partial<Record<StreamName, string>> = {}
  if (stdin.file !== null) files.stdin = stdin.file
  if (stdout.file !== null) files.stdout = stdout.file
  if (stderr.file !== null) files.stderr = stderr.file
  return {
    native: { stdin: stdin.native, stdout: stdout.native, stderr: stderr.native },
    stdin: stdin.hostFd < 0 ? null : new GuestInput(stdin.hostFd),
    stdout: stdout.hostFd < 0 ? null : openOutput(stdout.hostFd),
    stderr: stderr.hostFd < 0 ? null : openOutput(stderr.hostFd),
    files,
  }
}

function refuseResource(name: StreamName, target: string): never {
  throw new WasmshError('ERR_WASMSH_RESOURCE_UNKNOWN', `No plugin opens "${target}" for ${name}`)
}

/** Closes our ends, and the guest's too when native code was never given them. */
export function closeStreams(binding: NativeBinding, streams: GuestStreams, all: boolean): void {
  streams.stdin?.close()
  streams.stdout?.destroy()
  streams.stderr?.destroy()
  if (!all) return
  const descriptors = new Set(Object.values(streams.native).map(({ fd }) => fd))
  for (const fd of descriptors) if (fd >= 0) binding.closeDescriptor(fd)
}

function isSameFile({ option: one }: StreamPlan, { option: other }: StreamPlan): boolean {
  return (
    typeof one === 'object' &&
    typeof other === 'object' &&
    'file' in one &&
    'file' in other &&
    resolve(one.file) === resolve(other.file)
  )
}

function openOne(
  binding: NativeBinding,
  name: StreamName,
  plan: StreamPlan,
  openResource: OpenResource,
): Opened {
  const { option } = plan
  if (typeof option === 'object' && 'resource' in option) {
    const fd = openResource(name, option.resource)
    return { native: { fd, kind: 'resource' }, hostFd: -1, file: null }
  }
  if (option === 'null') return { native: { fd: -1, kind: 'null' }, hostFd: -1, file: null }
  if (typeof option === 'object') return openFile(name, option.file, plan.offset, binding)
  const pipe = nativeCall(() => binding.createPipe())
  return name === 'stdin'
    ? { native: { fd: pipe.read, kind: option }, hostFd: pipe.write, file: null }
    : { native: { fd: pipe.write, kind: option }, hostFd: pipe.read, file: null }
}

/** Node opens every descriptor close-on-exec. */
function openFile(
  name: StreamName,
  path: string,
  offset: number | undefined,
  binding: NativeBinding,
): Opened {
  const file = resolve(path)
  const fresh = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC
  const again = constants.O_WRONLY | constants.O_CREAT
  let fd = -1
  try {
    const output = offset === undefined ? fresh : again
    fd = openSync(file, name === 'stdin' ? constants.O_RDONLY : output, 0o666)
    const status = fstatSync(fd)
    if (status.isDirectory()) {
      throw new WasmshError('ERR_WASMSH_STREAM_FILE', `${path}, meant for ${name}, is a directory`)
    }
    // A file that has become shorter is continued at its end: a hole would be no better.
    const start = Math.min(offset ?? 0, status.size)
    if (status.isFile() && start > 0) binding.seekDescriptor(fd, BigInt(start))
    return { native: { fd, kind: 'file' }, hostFd: -1, file }
  } catch (error) {
    if (fd >= 0) closeSync(fd)
    throw fromSystem('ERR_WASMSH_STREAM_FILE', `${path} cannot be opened for ${name}`, error)
  }
}
