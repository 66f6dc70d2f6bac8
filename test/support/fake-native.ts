import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  ModuleDescription,
  NativeBinding,
  NativeEngine,
  NativeEvent,
  NativeGuestInfo,
  NativeGuestOptions,
  NativeModule,
  ParkReason,
} from '../../src/core/native.js'

/** Throws as native code does. */
export function nativeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, errno: 0 })
}

/** A pipe made of a FIFO without a name: Node itself cannot make one. */
export function makePipe(): { read: number; write: number } {
  const folder = mkdtempSync(join(tmpdir(), 'wasmsh-fifo-'))
  const path = join(folder, 'fifo')
  execFileSync('mkfifo', [path])
  // Opened for both first, since an end alone waits for the other.
  const both = openSync(path, constants.O_RDWR)
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const write = openSync(path, constants.O_WRONLY)
  closeSync(both)
  rmSync(folder, { recursive: true })
  return { read, write }
}

const description: ModuleDescription = {
  name: 'fake',
  imports: [],
  exports: [
    { name: '_start', kind: 'function', index: 0 },
    { name: 'add', kind: 'function', index: 1 },
  ],
  functionCount: 2,
  importedFunctions: 0,
  tables: [],
  memories: [{ min: 1, max: null, shared: false }],
  globals: [{ type: 'i32', mutable: true, name: 'counter' }],
  start: null,
  usesSimd: false,
  usesThreads: false,
}

/** A module of two functions, changed as a test needs it. */
export function fakeModule(changes: Partial<ModuleDescription> = {}): NativeModule {
  return {
    describe: () => ({ ...description, ...changes }),
    function: (index) => ({
      index,
      name: index === 0 ? '_start' : 'add',
      imported: false,
      params: index === 0 ? [] : ['i32', 'f64'],
      results: [],
      locals: index === 0 ? [] : [{ type: 'i32', name: 'a' }],
      codeBytes: 3,
    }),
    findFunction: (name) => ['_start', 'add'].indexOf(name),
    disassemble: () => [],
  }
}

/** An engine without guests: it records what it is asked for and says what a test tells it to. The
 *  order of news is then the test's, races included. */
export class FakeEngine {
  readonly calls: string[] = []
  readonly started: NativeGuestOptions[] = []
  module = fakeModule()
  info: Partial<NativeGuestInfo> = {}
  loadError: Error | null = null
  startError: Error | null = null
  #say: (events: NativeEvent[]) => void = () => undefined

  /** Sends news, as native code does: later, and several at once. */
  async say(...events: NativeEvent[]): Promise<void> {
    await new Promise((done) => setImmediate(done))
    this.#say(events)
  }

  async park(guest: number, kind: Exclude<ParkReason['kind'], 'trap'> = 'pause'): Promise<void> {
    await this.say({ guest, kind: 'parked', reason: { kind } })
  }

  /** The binding that has this engine. */
  binding(): NativeBinding {
    const missing = (): never => {
      throw new Error('not part of the fake')
    }
    return {
      abi: 1,
      wamrVersion: '0.0.0 (fake)',
      openEngine: (onEvents) => {
        this.#say = onEvents
        return this.#engine()
      },
      hostCalls: () => [],
      createPipe: makePipe,
      closeDescriptor: (fd) => closeSync(fd),
      seekDescriptor: missing,
      pipeBytes: missing,
      pipeCapacity: missing,
      pipeContents: missing,
      pipeReady: missing,
      decodeState: missing,
      decodeOutside: missing,
      encodeState: missing,
      withDescriptors: missing,
      validateState: missing,
      describeIndex: missing,
      verifyImage: missing,
      readImage: missing,
      diffImages: missing,
      patchImage: missing,
      openBeneath: missing,
      setModified: missing,
      copyContents: missing,
      createOpLog: () => ({
        read: missing,
        readData: missing,
        stats: () => ({
          first: 1n,
          next: 1n,
          bytes: 0n,
          dataBytes: 0n,
          counts: [],
          failure: '',
        }),
        discard: () => {},
        takeChanges: () => [],
      }),
      createVisits: missing,
      opShapes: () => [],
      xxh3: missing,
      createCompressor: missing,
      createDecompressor: missing,
    }
  }

  #engine(): NativeEngine {
    const record =
      (name: string) =>
      (...values: unknown[]): void => {
        this.calls.push([name, ...values].join(' '))
      }
    const missing = (): never => {
      throw nativeError('GUEST_NOT_PAUSED', 'The fake has no state')
    }
    return {
      loadCompiled: missing,
      loadTwins: missing,
      offer: missing,
      load: async () => {
        if (this.loadError !== null) throw this.loadError
        return this.module
      },
      start: (_, options) => {
        if (this.startError !== null) throw this.startError
        this.started.push(options)
        return this.started.length
      },
      codeRevision: 'fake',
      recover: missing,
      pause: record('pause'),
      withdrawPause: () => false,
      answer: record('answer'),
      resume: record('resume'),
      step: record('step'),
      kill: record('kill'),
      info: () => ({ ...idleInfo, ...this.info }),
      takeLastInfo: () => ({ ...idleInfo, ...this.info, state: 'ended' }),
      frames: missing,
      locals: missing,
      operands: missing,
      globals: () => [{ type: 'i32', bits: 5n, available: true }],
      tableSizes: missing,
      tableElements: missing,
      readMemory: missing,
      edit: () => 5n,
      copyDescriptor: missing,
      sharesOpenFile: missing,
      putDescriptor: missing,
      closeDescriptor: missing,
      blockers: () => [],
      disagreements: () => [],
      view: missing,
      snapshot: missing,
      baseToken: () => '',
      stop: () => {
        this.calls.push('stop')
      },
    }
  }
}

const idleInfo: NativeGuestInfo = {
  state: 'running',
  parked: null,
  hostCall: null,
  memoryBytes: 65536,
  position: null,
  monotonicNs: 0n,
  cpuNs: 0n,
  pause: null,
  hostCalls: 0n,
  stdoutBytes: 0n,
  stderrBytes: 0n,
  frameCount: 1,
  inCompiled: false,
}
