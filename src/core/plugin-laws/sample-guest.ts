import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadNative } from '../native.js'
import { PipeServices } from '../pipe-services.js'
import type {
  AnyPlugin,
  BlobRef,
  Degradation,
  Json,
  PhaseContext,
  RecoverContext,
  ResourceTracker,
  SharedResources,
} from '../plugin.js'
import { flagsOf } from '../plugin-host/guest-plugins.js'
import { FakeHost } from './fake-host.js'
import { Faults } from './faults.js'
import { messageOf, plain } from './law.js'
import { SampleCalls } from './sample-calls.js'
import { completeOp } from './sample-op.js'
import type { SampleCall, Scene } from './samples.js'

/** A state with its blobs, as a snapshot would hold them. */
export interface TakenSample {
  readonly state: unknown
  /** As the plugin formats it. */
  readonly stored: Json
  readonly blobs: ReadonlyMap<BlobRef, Uint8Array>
}

/** A tracker of a plugin at work on a fake host. */
export class SampleGuest {
  readonly host: FakeHost
  readonly faults = new Faults()
  readonly #shared: SharedResources | null
  #tracker: ResourceTracker<unknown>
  /** Descriptors that a recovery has given away. */
  readonly #given: number[] = []
  readonly #calls: SampleCalls
  #hasMissed = false
  readonly #plugin: AnyPlugin
  readonly #scene: Scene

  private constructor(plugin: AnyPlugin, scene: Scene, number: number) {
    this.#plugin = plugin
    this.#scene = scene
    this.host = new FakeHost(scene, number, this.faults)
    this.#shared = plugin.share?.({ pipes: new PipeServices(loadNative()) }) ?? null
    this.#tracker = plugin.track(this.host, this.#shared)
    this.#calls = new SampleCalls(plugin, BigInt(scene.ops?.length ?? 0))
  }

  get tracker(): ResourceTracker<unknown> {
    return this.#tracker
  }

  /** A new tracker on the same host, as for a second try. */
  async restart(): Promise<void> {
    await this.#tracker.dispose()
    this.#tracker = this.#plugin.track(this.host, this.#shared)
  }

  /** A tracker on which the scene has not begun. */
  static fresh(plugin: AnyPlugin, scene: Scene, number = 0): SampleGuest {
    return new SampleGuest(plugin, scene, number)
  }

  /** A tracker that has been through the scene. */
  static async played(plugin: AnyPlugin, scene: Scene, number = 0): Promise<SampleGuest> {
    const guest = new SampleGuest(plugin, scene, number)
    try {
      for (const [index, op] of (scene.ops ?? []).entries()) {
        guest.tracker.record(completeOp(op, BigInt(index + 1)))
      }
      for (const call of scene.calls ?? []) await guest.call(call)
      await scene.act?.(guest.tracker, guest)
      return guest
    } catch (error) {
      await guest.end()
      throw new Error(`the scene itself fails: ${messageOf(error)}`, { cause: error })
    }
  }

  /**
   * Has the guest call a host function. What it writes reaches the memory when it succeeds, and
   * `record` is told of calls that change what there is.
   *
   * @throws what the function throws, which traps a real guest
   */
  async call(call: SampleCall, signal?: AbortSignal): Promise<number | bigint | undefined> {
    return await this.#calls.make(this.#tracker, call, signal)
  }

  /** Memory of the guest, 64 KiB. */
  get memory(): Uint8Array {
    return this.#calls.memory
  }

  /** Takes its state as a snapshot does. */
  async take(signal?: AbortSignal): Promise<TakenSample> {
    const blobs = new Map<BlobRef, Uint8Array>()
    const context = this.#phase('snapshot', signal)
    try {
      await this.tracker.quiesce?.(context)
      const state = await this.tracker.snapshot({
        ...context,
        at: BigInt(this.#scene.ops?.length ?? 0),
        group: null,
        putBlob: async (source) => {
          this.faults.step('context.putBlob')
          const bytes =
            source instanceof Uint8Array
              ? Uint8Array.from(source)
              : readFileSync(`/proc/self/fd/${source.hostFd}`)
          const ref: BlobRef = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
          blobs.set(ref, bytes)
          return ref
        },
      })
      return { state, stored: this.#plugin.state.format(state), blobs }
    } finally {
      await this.tracker.resume?.()
    }
  }

  /** Puts a state in place as a recovery does. */
  async recover(
    { stored, blobs }: Pick<TakenSample, 'stored' | 'blobs'>,
    signal?: AbortSignal,
  ): Promise<readonly Degradation[]> {
    const context = this.#recoverContext(blobs, signal)
    const state: unknown = this.#plugin.state.parse(plain(stored))
    return [
      ...(await this.tracker.recover(state, context)),
      ...((await this.tracker.link?.(context)) ?? []),
    ]
  }

  /** Whether a recovery asked for a blob that is not there. */
  get hasMissed(): boolean {
    return this.#hasMissed
  }

  /** What is there outside of the tracker: directories, and what the scene observes. */
  async world(): Promise<string> {
    return JSON.stringify([this.host.digest(), (await this.#scene.observe?.(this.host)) ?? null])
  }

  async end(): Promise<void> {
    this.faults.failAt(0)
    await this.tracker.dispose()
    this.#shared?.dispose()
    for (const fd of this.#given.splice(0)) closeSync(fd)
    this.host.dispose()
  }

  #phase(phase: 'snapshot' | 'recover', signal?: AbortSignal): PhaseContext {
    return {
      signal: signal ?? new AbortController().signal,
      flags: flagsOf(this.#plugin, phase, this.#scene.flags ?? {}),
      progress: () => undefined,
    }
  }

  #recoverContext(blobs: ReadonlyMap<BlobRef, Uint8Array>, signal?: AbortSignal): RecoverContext {
    return {
      ...this.#phase('recover', signal),
      descriptors: this.host.standing,
      group: null,
      getBlob: (ref) => {
        this.faults.step('context.getBlob')
        const bytes = blobs.get(ref)
        if (bytes === undefined) {
          this.#hasMissed = true
          throw new Error(`the snapshot holds no blob ${ref}`)
        }
        const folder = join(this.host.root, 'blobs')
        mkdirSync(folder, { recursive: true })
        const path = join(folder, ref.slice('sha256:'.length))
        writeFileSync(path, bytes)
        return { path, bytes: bytes.length }
      },
      adjust: () => undefined,
      give: (_, hostFd) => {
        this.#given.push(hostFd)
      },
      reopen: (fd, file) => this.host.reopen(fd, file),
      lookup: (_, id) => this.#scene.handles?.[id] as never,
    }
  }
}
