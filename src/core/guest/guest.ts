import type { Readable, Writable } from 'node:stream'
import type { Edit, EditTarget } from '../edit/edit.js'
import { parseTarget } from '../edit/edit-target.js'
import { fromNative, WasmshError } from '../errors.js'
import type { Module } from '../module.js'
import type {
  NativeBinding,
  NativeEngine,
  NativeEvent,
  NativeGuestInfo,
  NativeTrap,
  ParkReason,
} from '../native.js'
import type { OperationLog } from '../oplog/operation.js'
import type { AnyPlugin, GroupContext, PluginFlags, ResourceTracker } from '../plugin.js'
import type { Degradations, GuestPlugins } from '../plugin-host/guest-plugins.js'
import { editResource, findTarget } from '../plugin-host/resource-edit.js'
import type { GuestProfile } from '../profile/guest-profile.js'
import type { EngineName, ManifestLimits } from '../snapshot/manifest.js'
import type { SnapshotEntry } from '../snapshot/snapshot-entry.js'
import type { Store } from '../store/store.js'
import type { PendingCall } from '../wasm-view.js'
import type { Outcome, PauseReason } from './events.js'
import type { GuestCode } from './guest-code.js'
import { applyEdit, type EditValue } from './guest-edit.js'
import { ask, mainThread, requireFrames, toTypedValue } from './guest-inspect.js'
import { untilStill } from './guest-pause.js'
import {
  planSnapshot,
  type SnapshotOptions,
  type SnapshotSubject,
  type WrittenSnapshot,
  writeSnapshot,
} from './guest-snapshot.js'
import { type GuestState, isFinal, isParked } from './guest-state.js'
import { untilState, type WaitOptions, waitForOutcome } from './guest-wait.js'
import type { GuestInfo, SnapshotPlan, TypedValue } from './inspect.js'
import { ParkedGuest } from './parked-guest.js'
import type { GuestStreams } from './streams.js'

/** What a guest is made of; by Shell only. */
export interface GuestParts {
  readonly binding: NativeBinding
  readonly engine: NativeEngine
  readonly store: Store
  readonly name: string
  readonly module: Module
  readonly streams: GuestStreams
  /** Host directories by guest path, in the order of their descriptors. */
  readonly preopens: readonly { readonly guestPath: string; readonly hostPath: string }[]
  /** Edits that a recovered guest brings along. */
  readonly edits: readonly Edit[]
  readonly limits: ManifestLimits
  /** Null when operations are not kept. */
  readonly log: OperationLog | null
  readonly plugins: GuestPlugins
  /** What recovery lost. */
  readonly degradations: Degradations
  /** Who makes machine code for it; null for the interpreter alone. */
  readonly code: GuestCode | null
  /** Who counts visits; null when nobody does. */
  readonly profile: GuestProfile | null
}

/** One guest of a shell. It runs on threads of its own; news arrives as events. */
export class Guest extends ParkedGuest {
  readonly engine: NativeEngine
  readonly name: string
  readonly module: Module
  readonly #parts: GuestParts
  readonly #edits: Edit[]
  #id = -1
  #state: GuestState = 'starting'
  #reason: PauseReason | null = null
  #trap: NativeTrap | null = null
  #exitCode: number | null = null
  #results: readonly TypedValue[] = []
  #position: bigint | null = null
  #error: WasmshError | null = null
  #lastInfo: NativeGuestInfo | null = null
  /** What the guest has to stand still for. */
  #busy: { readonly work: Promise<unknown>; readonly what: string } | null = null

  constructor(parts: GuestParts) {
    super()
    this.setMaxListeners(0)
    this.engine = parts.engine
    this.name = parts.name
    this.module = parts.module
    this.#parts = parts
    this.#edits = [...parts.edits]
  }

  /** Number of the guest in this process. */
  get id(): number {
    return this.#id
  }

  /** The module's file as it was given. */
  get file(): string {
    return this.module.file
  }

  get state(): GuestState {
    return this.#state
  }

  /** Why the guest is parked; null when it is not, or trapped. */
  get reason(): PauseReason | null {
    return this.#reason
  }

  /** The trap at which the guest is parked. */
  get trap(): NativeTrap | null {
    return this.#trap
  }

  /** Exit code of an ended guest. */
  get exitCode(): number | null {
    return this.#exitCode
  }

  /** What the export of `invoke` returned, once the guest has ended. */
  get results(): readonly TypedValue[] {
    return this.#results
  }

  /** Why a failed guest could not start. */
  get error(): WasmshError | null {
    return this.#error
  }

  /** Our end of standard input; null when it is a file or null. Not fed while the guest stands
   *  still; what is written after the guest has ended is dropped. */
  get stdin(): Writable | null {
    return this.#parts.streams.stdin
  }

  /** Our ends of the outputs. Unread output makes the guest wait, as any pipe does. */
  get stdout(): Readable | null {
    return this.#parts.streams.stdout
  }

  get stderr(): Readable | null {
    return this.#parts.streams.stderr
  }

  /** What the guest asked of its host, also after it has ended; null when that is not kept. */
  get log(): OperationLog | null {
    return this.#parts.log
  }

  /** What the guest can observe to be different since it was recovered. */
  get degradations(): Degradations {
    return this.#parts.degradations
  }

  /** Connects with what native code started; by Shell only. */
  attach(id: number): void {
    this.#id = id
    this.#parts.code?.attach((compiled, twins) => this.engine.offer(id, compiled, twins))
    this.#parts.plugins.bind({
      descriptors: () => ask(this, (id) => this.engine.view(id, false)).descriptors,
      copyDescriptor: (fd) => ask(this, (id) => this.engine.copyDescriptor(id, fd)),
      guest: this.name,
      memory: {
        size: () => ask(this, (id) => this.engine.info(id)).memoryBytes,
        read: (address, length) =>
          ask(this, (id) => this.engine.readMemory(id, 0, BigInt(address), length)),
      },
      answer: (request, answer) => this.engine.answer(id, request, answer),
      sharesOpenFile: (fd, other) => ask(this, (id) => this.engine.sharesOpenFile(id, fd, other)),
      putDescriptor: (wanted, hostFd) =>
        ask(this, (id) => this.engine.putDescriptor(id, wanted, hostFd)),
      closeDescriptor: (fd) => ask(this, (id) => this.engine.closeDescriptor(id, fd)),
    })
  }

  /** Takes news from native code; by Shell only. */
  receive(event: NativeEvent): void {
    if (isFinal(this.#state)) return
    switch (event.kind) {
      case 'started':
        // A guest that was to start parked reports that next.
        if (this.#state === 'starting') this.#become('running', () => this.emit('started'))
        return
      case 'parked':
        this.#park(event.reason)
        return
      case 'ended':
        this.#exitCode = event.code
        this.#results = event.results.map(toTypedValue)
        this.#position = event.position
        this.#finish('ended', () => this.emit('ended', event.code))
        return
      case 'request':
        this.#parts.plugins.calls.take(event.id, event.request)
        return
      case 'crossed':
        this.emit('crossed')
        return
      case 'twins':
        this.#parts.code?.ask(event.frames, event.depth)
        return
      case 'changes':
        this.#parts.plugins.foldSoon()
        return
      case 'killed':
        this.#finish('killed', () => this.emit('killed'))
        return
      case 'failed': {
        const error = fromNative(event.error, { guest: this.name })
        this.#error = error
        this.#finish('failed', () => this.emit('failed', error))
      }
    }
  }

  #park(why: ParkReason): void {
    this.#parts.streams.stdin?.hold()
    this.#parts.plugins.calls.goOn()
    if (why.kind !== 'step') this.saveProfile()
    if (why.kind === 'trap') {
      const { trap } = why
      this.#trap = trap
      this.#become('trapped', () => this.emit('trapped', trap))
    } else {
      const reason = why.kind
      this.#reason = reason
      this.#become('paused', () => this.emit('paused', reason))
    }
  }

  /** Writes the visits of stable points, if they are counted; by Shell only. */
  saveProfile(): void {
    this.#parts.profile?.save()
  }

  #finish(state: GuestState, tell: () => void): void {
    this.saveProfile()
    this.#parts.streams.stdin?.close()
    void this.#parts.code?.end()
    this.#parts.plugins.calls.end()
    this.#lastInfo = this.engine.takeLastInfo(this.#id)
    this.#parts.plugins.ended()
    this.#become(state, tell)
  }

  #become(state: GuestState, tell: () => void): void {
    this.#state = state
    if (state !== 'paused') this.#reason = null
    if (state !== 'trapped') this.#trap = null
    if (state === 'running') this.#parts.streams.stdin?.release()
    tell()
    this.emit('state')
  }

  protected requireParked(): void {
    if (isParked(this.#state)) {
      if (this.#busy === null) return
      throw new WasmshError('ERR_WASMSH_GUEST_BUSY', `${this.#busy.what} is in progress`)
    }
    if (isFinal(this.#state)) this.#refuseEnded()
    throw new WasmshError('ERR_WASMSH_GUEST_NOT_PAUSED', `Guest "${this.name}" is ${this.#state}`)
  }

  protected requireAlive(): void {
    if (isFinal(this.#state)) this.#refuseEnded()
  }

  #refuseEnded(): never {
    throw new WasmshError('ERR_WASMSH_GUEST_ENDED', `Guest "${this.name}" has ended`)
  }

  /**
   * Stops the guest before its next instruction. Resolves when it stands still: paused, or trapped
   * by then.
   *
   * @throws WasmshError ERR_WASMSH_GUEST_ENDED also when it ended meanwhile,
   *   ERR_WASMSH_PLUGIN_PAUSE when a plugin holds it up; the guest then runs on
   */
  async pause(): Promise<void> {
    if (isParked(this.#state)) return
    if (isFinal(this.#state)) this.#refuseEnded()
    ask(this, (id) => this.engine.pause([id]))
    await this.whenPaused()
  }

  /** Resolves when the guest, which was told to pause, stands still; throws as pause does. By Shell
   *  only. */
  async whenPaused(): Promise<void> {
    await untilStill(this, this.#parts.plugins)
    if (!isParked(this.#state)) this.#refuseEnded()
  }

  /** Lets a parked guest go on, with `pauseAt` until that many instructions of its main thread have
   *  run. A trapped one tries its instruction again. */
  resume(options: { readonly pauseAt?: bigint } = {}): void {
    this.requireParked()
    ask(this, (id) => this.engine.resume(id, options.pauseAt ?? null))
    this.#parts.code?.goesOn()
    this.#become('running', () => this.emit('resumed'))
  }

  /** Executes that many instructions of the main thread; resolves when the guest stands still again,
   *  or is at its end. */
  async step(count: number | bigint = 1): Promise<Outcome> {
    this.requireParked()
    const steps = typeof count === 'bigint' || Number.isSafeInteger(count) ? BigInt(count) : 0n
    if (steps < 1n || steps > maxSteps) {
      throw new WasmshError('ERR_WASMSH_OPTION_INVALID', `Cannot step ${count} instructions`, {
        hint: 'Give a whole number of 1 or more.',
      })
    }
    ask(this, (id) => this.engine.step(id, steps))
    this.#parts.code?.goesOn()
    this.#become('running', () => this.emit('resumed'))
    return await this.wait()
  }

  /** Waits for a snapshot or a plugin's edit in progress, good or failed. */
  async whenWritten(): Promise<void> {
    while (this.#busy !== null) await this.#busy.work.catch(() => undefined)
  }

  /** Ends the guest, whatever it does. Nothing of it is left but its name and its output. */
  async kill(): Promise<void> {
    await this.whenWritten()
    if (isFinal(this.#state)) return
    ask(this, (id) => this.engine.kill(id))
    this.#parts.plugins.calls.end()
    await untilState(this, isFinal)
  }

  /**
   * Waits until the guest stands still or has ended (with `until: 'end'` only for the latter), and
   * until its output up to then was handed to whoever reads it. Without a reader of stdout or stderr
   * that output is not waited for.
   *
   * @throws WasmshError of a guest that failed to start; the signal's reason when that is aborted
   */
  wait(options: WaitOptions = {}): Promise<Outcome> {
    return waitForOutcome(this, options)
  }

  /** What is known of the guest now; works in every state. */
  info(): GuestInfo {
    const native = this.#nativeInfo()
    return {
      name: this.name,
      id: this.#id,
      file: this.file,
      moduleSha256: this.module.sha256,
      engine: this.#engineName(),
      state: this.#state,
      reason: this.#reason,
      trap: this.#trap,
      exitCode: this.#exitCode,
      hostCall: native.hostCall,
      memoryBytes: native.memoryBytes,
      position: this.#position ?? native.position,
      monotonicNs: native.monotonicNs,
      cpuNs: native.cpuNs,
      pause: native.pause,
      hostCalls: native.hostCalls,
      stdoutBytes: native.stdoutBytes,
      stderrBytes: native.stderrBytes,
      frameCount: native.frameCount,
      inCompiled: native.inCompiled,
      compiling: this.#parts.code?.making ?? null,
      compileFailure: this.#parts.code?.failure ?? null,
    }
  }

  #engineName(): EngineName {
    return this.#parts.code?.isReady === true ? 'aot' : 'interp'
  }

  /** Native code keeps the last figures of an ended guest until we have heard of its end. */
  #nativeInfo(): NativeGuestInfo {
    return this.#lastInfo ?? this.engine.info(this.#id)
  }

  /**
   * Changes one place, checked by type and range; returns what was there and what is there now.
   *
   * @throws WasmshError ERR_WASMSH_EDIT_TARGET, ERR_WASMSH_EDIT_VALUE, ERR_WASMSH_EDIT_RANGE
   */
  set(target: EditTarget | string, value: EditValue): Edit {
    this.requireParked()
    const place = typeof target === 'string' ? parseTarget(target) : target
    const edit = applyEdit(this, place, value)
    this.#edits.push(edit)
    return edit
  }

  /**
   * Changes something that a plugin keeps, "files.fd[4].offset"; the guest has to stand still, and
   * stays so until it is done.
   *
   * @throws WasmshError ERR_WASMSH_EDIT_TARGET, and those of the plugin
   */
  async setResource(target: string, value: EditValue): Promise<Edit> {
    this.requireParked()
    const place = findTarget(target, this.#parts.plugins.all())
    if (place === null) {
      throw new WasmshError(
        'ERR_WASMSH_EDIT_TARGET',
        `"${target}" names nothing that a plugin keeps`,
      )
    }
    const editing = editResource(this, place, String(value))
    this.#busy = { work: editing, what: `A change of "${target}"` }
    try {
      const edit = await editing
      this.#edits.push(edit)
      return edit
    } finally {
      this.#busy = null
    }
  }

  /**
   * What a plugin would store of the guest now. A running guest is paused for it and goes on
   * afterwards.
   *
   * @throws WasmshError ERR_WASMSH_PLUGIN_GUEST, and those of the plugin
   */
  async resourceState(plugin: string): Promise<unknown> {
    const wasParked = isParked(this.#state)
    if (!wasParked) await this.pause()
    this.requireParked()
    const work = this.#parts.plugins.peek(plugin)
    this.#busy = { work, what: `A look at "${plugin}"` }
    try {
      return await work
    } finally {
      this.#busy = null
      if (!wasParked && this.#state === 'paused') this.resume()
    }
  }

  /** Whether a plugin tracks this guest. */
  isTrackedBy(plugin: string): boolean {
    return this.#parts.plugins.find(plugin) !== undefined
  }

  /** Makes new code of a plugin ready to take over; the guest has to stand still. By Shell only. */
  async prepareTakeOver(plugin: AnyPlugin): ReturnType<GuestPlugins['prepareTakeOver']> {
    this.requireParked()
    const work = this.#parts.plugins.prepareTakeOver(plugin)
    this.#busy = { work, what: `A reload of plugin "${plugin.name}"` }
    try {
      return await work
    } finally {
      this.#busy = null
    }
  }

  /** What a plugin knows of this guest, up to its latest operation; undefined when it does not track
   *  it.
   *  @throws WasmshError when the plugin has failed, and its state is not to be trusted */
  tracker(plugin: string): ResourceTracker<unknown> | undefined {
    return this.#parts.plugins.current(plugin)
  }

  /** Names of the living guests that this one shares resources with, such as pipes. */
  peers(): ReadonlySet<string> {
    return isFinal(this.#state) ? new Set() : this.#parts.plugins.peers()
  }

  /** The host call that a guest which stands still is in; null without one. */
  pendingCall(): PendingCall | null {
    if (!isParked(this.#state)) return null
    const { threads } = ask(this, (id) => this.engine.view(id, false))
    return threads.find(({ id }) => id === mainThread)?.call ?? null
  }

  /** Every change so far, those made before a snapshot that it was recovered from included. */
  edits(): readonly Edit[] {
    return [...this.#edits]
  }

  /** Says what a snapshot taken now would hold and what stands against it. */
  planSnapshot(flags: PluginFlags = {}): SnapshotPlan {
    this.requireParked()
    requireFrames(this.info().frameCount)
    return planSnapshot(this.#snapshotSubject(), flags)
  }

  /**
   * Stores the whole state under a name of its own. A running guest is paused for it and goes on
   * afterwards; a parked one stays parked.
   *
   * @throws WasmshError ERR_WASMSH_SNAPSHOT_BLOCKED, ERR_WASMSH_SNAPSHOT_EXISTS,
   *   ERR_WASMSH_STORE_FULL and others of the store
   */
  async snapshot(name?: string, options: SnapshotOptions = {}): Promise<SnapshotEntry> {
    const wasParked = isParked(this.#state)
    if (!wasParked) await this.pause()
    this.requireParked()
    const writing = writeSnapshot(this.#snapshotSubject(), name, options, null).then((written) =>
      written.commit(),
    )
    this.#busy = { work: writing, what: `A snapshot of "${this.name}"` }
    try {
      return await writing
    } finally {
      this.#busy = null
      // A guest that trapped meanwhile stays where it is, to be looked at.
      if (!wasParked && this.#state === 'paused') this.resume()
    }
  }

  /**
   * Stands still for a snapshot of several guests: `take` is called with a function that writes this
   * one's part. By Shell only.
   */
  async whileWriting<Result>(
    take: (
      write: (
        name: string | undefined,
        options: SnapshotOptions,
        group: GroupContext,
      ) => Promise<WrittenSnapshot>,
    ) => Promise<Result>,
  ): Promise<Result> {
    this.requireParked()
    const work = take((name, options, group) =>
      writeSnapshot(this.#snapshotSubject(), name, options, group),
    )
    this.#busy = { work, what: `A snapshot of "${this.name}"` }
    try {
      return await work
    } finally {
      this.#busy = null
    }
  }

  #snapshotSubject(): SnapshotSubject {
    const engine = this.#engineName()
    const { binding, store, streams, preopens, limits, plugins } = this.#parts
    const edits = this.edits()
    return { guest: this, engine, binding, store, streams, preopens, limits, plugins, edits }
  }

  /** Resolves when nothing is compiled for it any more, after its end; by Shell only. */
  async whenCompiled(): Promise<void> {
    await this.#parts.code?.end()
  }

  /** Lets go of the log and of outputs that nobody has begun to read; by Shell only. */
  disposeUnread(): void {
    this.log?.discard()
    for (const stream of [this.stdout, this.stderr]) {
      if (stream?.readableFlowing === null) stream.destroy()
    }
  }

  /** Lets go of our ends of the streams; by Shell only. */
  dispose(): void {
    this.log?.discard()
    void this.#parts.plugins.dispose()
    this.#parts.streams.stdin?.close()
    this.stdout?.destroy()
    this.stderr?.destroy()
  }
}

/** Largest count that native code takes. */
const maxSteps = 2n ** 63n - 1n
