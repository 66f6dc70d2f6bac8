import { EventEmitter } from 'node:events'
import { type CachedCode, clearCachedCode, listCachedCode } from './compile/cached-code.js'
import type { CodeTwins } from './compile/compile-job.js'
import type { CompileWatch } from './compile/compile-process.js'
import { type CompileReport, Compiler } from './compile/compiler.js'
import { type CompileTarget, requireTarget } from './compile/target.js'
import { WasmshError } from './errors.js'
import { groupOf } from './group/group-of.js'
import { type PauseOptions, pauseGuests } from './group/group-pause.js'
import { type GroupEntry, snapshotGroup } from './group/group-snapshot.js'
import { Guest, type GuestParts } from './guest/guest.js'
import { freeGuestName } from './guest/guest-name.js'
import type { SnapshotOptions } from './guest/guest-snapshot.js'
import { isFinal, isParked } from './guest/guest-state.js'
import { untilState } from './guest/guest-wait.js'
import type { RecoverOptions, RunOptions } from './guest/run-options.js'
import { closeStreams } from './guest/streams.js'
import type { Module } from './module.js'
import { ModuleLoader } from './module-loader.js'
import { loadNative, type NativeBinding, type NativeEngine, type NativeEvent } from './native.js'
import { didYouMean } from './near.js'
import { defaultHome, storePaths } from './paths.js'
import type { AnyPlugin, SharedResources } from './plugin.js'
import { defaultLimits, type PluginLimits } from './plugin-host/plugin-limits.js'
import { undoPlugins } from './plugin-host/recover-plugins.js'
import { PluginRegistry } from './plugin-host/registry.js'
import { type ReloadReport, reloadPlugin } from './plugin-host/reload-plugin.js'
import { SharedByClass } from './plugin-host/shared-resources.js'
import { findPlugin } from './plugin-package/find-plugin.js'
import { alreadyLoaded, loadPlugin } from './plugin-package/load-plugin.js'
import { readHotLoops } from './profile/hot-loops.js'
import { closeGiven } from './run/given.js'
import { prepareRecovery } from './run/recover.js'
import { abandon, prepareGroup, type RecoverGroupOptions } from './run/recover-group.js'
import { type Prepared, prepareRun, type StartContext } from './run/run.js'
import { Store } from './store/store.js'

export interface ShellOptions {
  /** Folder of the store; $WASMSH_HOME or the user's data folder by default. */
  readonly home?: string
  /** Resource classes that guests are tracked for; none by default. */
  readonly plugins?: readonly AnyPlugin[]
  /** How long plugins may keep a guest waiting. */
  readonly pluginLimits?: Partial<PluginLimits>
  /** A wasmsh-compiler to take for the one that set-up has built. */
  readonly compiler?: string
  /** Stands in for wasmsh.node in tests. */
  readonly binding?: NativeBinding
}

export interface CompileOptions extends CompileWatch {
  /** What the module is called in messages when it is given as bytes. */
  readonly file?: string
  /** Which twins the code has; "open" by default, see StartOptions. */
  readonly twins?: CodeTwins
  /** Any machine of this CPU in place of this machine: see docs/compiled-code.md. */
  readonly target?: CompileTarget
  /** A profile that `run` has written: polls in its hottest loops are thinned. Guests run in that code
   *  until the module is compiled without a profile. */
  readonly profile?: string
}

/** News of a shell. */
export interface ShellEvents {
  /** A guest was started or recovered. */
  guest: [guest: Guest]
  /** The state of a guest is new. */
  state: [guest: Guest]
}

/** Guests that have ended and are still listed. */
const maxFinished = 32

let open: Shell | undefined

/** Opens the one shell of this process.
 *  @throws WasmshError ERR_WASMSH_NATIVE_MISSING, ERR_WASMSH_SHELL_OPEN */
export async function openShell(options: ShellOptions = {}): Promise<Shell> {
  if (open !== undefined) {
    throw new WasmshError('ERR_WASMSH_SHELL_OPEN', 'This process has a shell open already')
  }
  const plugins = new PluginRegistry()
  plugins.add(...(options.plugins ?? []))
  const limits = { ...defaultLimits, ...options.pluginLimits }
  const home = options.home ?? defaultHome()
  const compilers = options.compiler === undefined ? undefined : [options.compiler]
  const shell = new Shell(options.binding ?? loadNative(), home, plugins, limits, compilers)
  open = shell
  return shell
}

/** Runs guests and recovers them; owns the engine. */
export class Shell extends EventEmitter<ShellEvents> {
  readonly store: Store
  readonly plugins: PluginRegistry
  readonly #binding: NativeBinding
  readonly #limits: PluginLimits
  readonly #engine: NativeEngine
  readonly #modules: ModuleLoader
  readonly #compiler: Compiler
  readonly #shared: SharedByClass
  readonly #guests = new Map<string, Guest>()
  readonly #byId = new Map<number, Guest>()
  /** Ended and listed no more. */
  readonly #retired: Guest[] = []
  readonly #stop = (): void => this.#engine.stop()
  readonly #exit = (): void => {
    this.#stop()
    for (const guest of this.guests()) if (!isFinal(guest.state)) guest.saveProfile()
  }
  #isClosed = false

  constructor(
    binding: NativeBinding,
    home: string,
    plugins: PluginRegistry,
    limits: PluginLimits,
    compilers?: readonly string[],
  ) {
    super()
    this.#limits = limits
    this.plugins = plugins
    this.#binding = binding
    this.#engine = binding.openEngine((events) => this.#receive(events))
    this.#modules = new ModuleLoader(this.#engine)
    this.#compiler = new Compiler(this.#engine, storePaths(home), compilers)
    this.#shared = new SharedByClass(binding)
    this.store = new Store({
      home,
      native: binding,
      loadModule: async (sha256, bytes) =>
        (await this.#modules.fromBytes(bytes, sha256, sha256)).native,
    })
    // Guests must be gone before the process takes the engine down, however it exits.
    process.on('exit', this.#exit)
  }

  /** Version of WAMR, "2.4.3 (978ce3f2)". */
  get wamrVersion(): string {
    return this.#binding.wamrVersion
  }

  /** Every import that wasmsh provides. */
  hostCalls(): ReturnType<NativeBinding['hostCalls']> {
    return this.#binding.hostCalls()
  }

  /** What guests share of a class, as its plugin keeps it; null for a plugin whose guests share
   *  nothing.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_UNKNOWN */
  shared(plugin: string): SharedResources | null {
    const found = this.plugins.find(plugin)
    if (found !== undefined) return this.#shared.of(found)
    throw new WasmshError('ERR_WASMSH_PLUGIN_UNKNOWN', `No plugin "${plugin}" is loaded`)
  }

  /** Guests in the order in which they were started; the latest of those that ended included. */
  guests(): readonly Guest[] {
    return [...this.#guests.values()]
  }

  /** Finds a guest by its name.
   *  @throws WasmshError ERR_WASMSH_GUEST_UNKNOWN */
  guest(name: string): Guest {
    const guest = this.#guests.get(name)
    if (guest !== undefined) return guest
    const hint = didYouMean(name, this.#guests.keys(), 'List the guests with "guests".')
    throw new WasmshError('ERR_WASMSH_GUEST_UNKNOWN', `No guest is named "${name}"`, { hint })
  }

  /** Loads and validates a module without running it.
   *  @throws WasmshError ERR_WASMSH_MODULE_FILE, ERR_WASMSH_MODULE_INVALID,
   *    ERR_WASMSH_MODULE_UNSUPPORTED */
  loadModule(file: string | Uint8Array, label?: string): Promise<Module> {
    return this.#modules.load(file, label)
  }

  /**
   * Makes machine code of a module for this machine, which may take minutes, and keeps it below the
   * store's home: `run` and `recover` with `engine: 'aot'` find it there. What is there is not made
   * again. With `target` it is made for any machine of that CPU, in whose store it can be put.
   *
   * @throws WasmshError as loadModule, ERR_WASMSH_COMPILER_MISSING, ERR_WASMSH_COMPILE_FAILED,
   *   ERR_WASMSH_COMPILE_TARGET, ERR_WASMSH_UNSUPPORTED_FEATURE, those of writing and of a profile
   *   that is not this module's; the signal's reason
   */
  async compile(file: string | Uint8Array, options: CompileOptions = {}): Promise<CompileReport> {
    this.#requireOpen()
    const { twins, target, profile } = options
    if (target !== undefined) requireTarget(target)
    if (target !== undefined && profile !== undefined) {
      throw new WasmshError(
        'ERR_WASMSH_OPTION_INVALID',
        'A profile is for code of this machine, not of another target',
        { hint: 'Leave out the profile or the target.' },
      )
    }
    const module = await this.#modules.load(file, options.file)
    const hotLoops = profile === undefined ? undefined : await readHotLoops(module, profile)
    return await this.#compiler.compile(module, options, { twins, target, hotLoops })
  }

  /** What the cache of compiled code holds, what was used last first. */
  async compiledCode(): Promise<readonly CachedCode[]> {
    this.#requireOpen()
    return await listCachedCode(storePaths(this.store.home))
  }

  /** Empties the cache of compiled code; answers what it held. Guests keep the code that they run in,
   *  but where they trap in it is not known any more.
   *  @throws WasmshError ERR_WASMSH_STORE_WRITE */
  async clearCompiledCode(): Promise<readonly CachedCode[]> {
    this.#requireOpen()
    return await clearCachedCode(storePaths(this.store.home))
  }

  /**
   * Starts a program. Resolves once it runs or, with `paused`, stands before its first instruction.
   *
   * @throws WasmshError for a module, option or directory that cannot be used; nothing is left then
   */
  async run(file: string | Uint8Array, options: RunOptions = {}): Promise<Guest> {
    this.#requireOpen()
    const module = await this.#modules.load(file, options.file)
    const prepared = await prepareRun(this.#context(), module, options)
    return await this.#start(prepared, options)
  }

  /**
   * Brings a stored snapshot back as a new guest, as it was: resolves once it runs or, with
   * `paused`, stands where the snapshot was taken.
   *
   * @throws WasmshError for a snapshot that fails a check and for what is missing on this host
   */
  async recover(snapshot: string, options: RecoverOptions = {}): Promise<Guest> {
    this.#requireOpen()
    return await this.#start(await prepareRecovery(this.#context(), snapshot, options), options)
  }

  /**
   * Loads a plugin from a package or a file; guests that are started from now on are tracked by it.
   *
   * @param check may refuse what there would be then, by throwing
   * @throws WasmshError ERR_WASMSH_PLUGIN_FILE, ERR_WASMSH_PLUGIN_LOAD and those of a plugin that
   *   does not fit; nothing has changed then
   */
  async loadPlugin(
    name: string,
    check: (plugins: readonly AnyPlugin[]) => void = () => undefined,
  ): Promise<AnyPlugin> {
    const origin = findPlugin({ name, directory: process.cwd() })
    const plugin = await loadPlugin(origin)
    const { plugins } = this
    if (plugins.find(plugin.name) !== undefined) {
      throw alreadyLoaded(plugin.name, plugins.originOf(plugin.name), origin)
    }
    check(plugins.with(plugin))
    plugins.add(plugin)
    plugins.noteOrigin(plugin.name, origin)
    return plugin
  }

  /**
   * Loads the code of a plugin anew and hands it the state that the old code has of each guest.
   * Guests that run are paused for it and go on afterwards. It takes over for all guests or for none.
   *
   * @param check as with loadPlugin
   * @throws WasmshError ERR_WASMSH_PLUGIN_UNKNOWN, ERR_WASMSH_PLUGIN_RELOAD, those of loadPlugin and
   *   of the plugin; everything is as it was then
   */
  async reloadPlugin(
    name: string,
    check: (plugins: readonly AnyPlugin[]) => void = () => undefined,
  ): Promise<ReloadReport> {
    return await reloadPlugin(this.plugins, this.guests(), name, check)
  }

  /** A guest and all living ones that share resources with it, directly or through others, in the
   *  order in which they were started. */
  groupOf(guest: Guest): readonly Guest[] {
    const group = groupOf(guest, this.guests())
    return group.length === 0 ? [guest] : group
  }

  /**
   * Pauses guests together, as close to one instant as the host allows; those that stand still
   * already are left as they are. All or none: when one cannot be paused the others go on.
   *
   * @throws WasmshError ERR_WASMSH_GUEST_UNKNOWN and as Guest.pause
   */
  async pause(guests: readonly Guest[], options: PauseOptions = {}): Promise<void> {
    this.#requireOpen()
    for (const guest of guests) this.#requireOwn(guest)
    await pauseGuests(guests, options)
  }

  /**
   * Stores guests together, at one instant: all or none of them. Those that run are paused for it
   * and go on afterwards.
   *
   * @param name of the group; each guest's snapshot is "NAME.GUEST"
   * @throws WasmshError as Guest.snapshot
   */
  async snapshotGroup(
    guests: readonly Guest[],
    name?: string,
    options: SnapshotOptions = {},
  ): Promise<GroupEntry> {
    this.#requireOpen()
    const running = guests.filter(({ state }) => !isParked(state))
    try {
      // All at once: one that stands still makes the others wait in their calls, which can be paused.
      await pauseGuests(running, { skipEnded: true })
      const living = guests.filter(({ state }) => !isFinal(state))
      return await snapshotGroup(this.store, living.length === 0 ? guests : living, name, options)
    } finally {
      for (const guest of running) if (guest.state === 'paused') guest.resume()
    }
  }

  /**
   * Brings a stored group back: none of its guests goes on before all are in place.
   *
   * @throws WasmshError ERR_WASMSH_SNAPSHOT_UNKNOWN, ERR_WASMSH_GROUP_INCOMPLETE and as recover
   */
  async recoverGroup(name: string, options: RecoverGroupOptions = {}): Promise<readonly Guest[]> {
    this.#requireOpen()
    const group = await this.store.group(name)
    if (group === undefined) {
      throw new WasmshError('ERR_WASMSH_SNAPSHOT_UNKNOWN', `There is no group "${name}"`)
    }
    const context = this.#context()
    const waiting = [...(await prepareGroup(context, group, options))]
    const guests: Guest[] = []
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        guests.push(await this.#start(next, { paused: true }))
      }
    } catch (error) {
      await Promise.all(waiting.map((prepared) => abandon(context, prepared)))
      await Promise.all(guests.map((guest) => guest.kill()))
      throw error
    }
    if (options.paused !== true) {
      for (const guest of guests) if (guest.state === 'paused') guest.resume()
    }
    return guests
  }

  /** Ends every guest and the engine. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await Promise.all(this.guests().map((guest) => guest.whenWritten()))
    this.#stop()
    for (const guest of [...this.guests(), ...this.#retired]) {
      guest.receive({ guest: guest.id, kind: 'killed' })
      guest.dispose()
    }
    await Promise.all(this.guests().map((guest) => guest.whenCompiled()))
    this.#shared.dispose()
    process.off('exit', this.#exit)
    if (open === this) open = undefined
  }

  #context(): StartContext {
    return {
      binding: this.#binding,
      engine: this.#engine,
      modules: this.#modules,
      store: this.store,
      compiler: this.#compiler,
      plugins: this.plugins,
      limits: this.#limits,
      shared: this.#shared,
    }
  }

  /** What scripts hand over may be anything. */
  #requireOwn(guest: unknown): void {
    if (guest instanceof Guest) {
      if (isFinal(guest.state) || this.#byId.get(guest.id) === guest) return
    }
    throw new WasmshError('ERR_WASMSH_GUEST_UNKNOWN', 'That is no guest of this shell', {
      hint: 'guest(NAME) finds one, guests() lists them.',
    })
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new WasmshError('ERR_WASMSH_SHELL_CLOSED', 'The shell is closed')
  }

  async #start(prepared: Prepared, options: { readonly paused?: boolean }): Promise<Guest> {
    const { streams, module, preopens, edits, limits, log, plugins, code } = prepared
    const parts: GuestParts = {
      binding: this.#binding,
      engine: this.#engine,
      store: this.store,
      name: freeGuestName(prepared.name, this.#guests),
      module,
      streams,
      preopens,
      edits,
      limits,
      log,
      plugins,
      degradations: prepared.degradations,
      code,
      profile: prepared.profile,
    }
    const guest = new Guest(parts)
    try {
      guest.attach(prepared.start())
    } catch (error) {
      closeStreams(this.#binding, streams, true)
      closeGiven(prepared.given)
      await undoPlugins(plugins)
      throw error
    }
    const before = this.#guests.get(guest.name)
    this.#guests.delete(guest.name)
    this.#guests.set(guest.name, guest)
    this.#byId.set(guest.id, guest)
    this.#dropFinished()
    guest.on('state', () => this.#note(guest))
    const waitsForPause = options.paused === true
    await untilState(
      guest,
      (state) => isParked(state) || isFinal(state) || (!waitsForPause && state === 'running'),
    )
    if (guest.error !== null) {
      this.#guests.delete(guest.name)
      if (before !== undefined) this.#guests.set(before.name, before)
      await undoPlugins(plugins)
      guest.dispose()
      throw guest.error
    }
    await plugins.resume()
    plugins.calls.open()
    if (before !== undefined) this.#retire(before)
    this.emit('guest', guest)
    return guest
  }

  #note(guest: Guest): void {
    if (isFinal(guest.state)) this.#byId.delete(guest.id)
    this.emit('state', guest)
  }

  #dropFinished(): void {
    const finished = this.guests().filter((guest) => isFinal(guest.state))
    for (const guest of finished.slice(0, -maxFinished)) {
      this.#guests.delete(guest.name)
      this.#retire(guest)
    }
  }

  /** Output that nobody has begun to read holds descriptors; it is kept for the latest guests. */
  #retire(guest: Guest): void {
    this.#retired.push(guest)
    if (this.#retired.length > maxFinished) this.#retired.shift()?.disposeUnread()
  }

  /** Called from native code: a throw here would end the process. */
  #receive(events: readonly NativeEvent[]): void {
    for (const event of events) {
      try {
        this.#byId.get(event.guest)?.receive(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
