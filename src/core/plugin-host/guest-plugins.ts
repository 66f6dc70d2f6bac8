import { join } from 'node:path'
import { WasmshError } from '../errors.js'
import { HostFolder } from '../host-folder.js'
import type { NativeBinding } from '../native.js'
import type { OperationLog } from '../oplog/operation.js'
import type {
  AnyPlugin,
  Degradation,
  Descriptor,
  DescriptorRequest,
  GroupContext,
  GuestDirectory,
  PluginFlags,
  PluginHost,
  ProvidedFile,
  ResourceId,
  ResourcePlan,
  ResourceTracker,
  SharedResources,
} from '../plugin.js'
import { BlobWriter } from '../snapshot/blobs.js'
import type { ManifestPlugin } from '../snapshot/manifest.js'
import { canonicalJson } from '../snapshot/sealed-json.js'
import { createFile, writing } from '../store/durable-file.js'
import { directoryPaths, GuestPaths, joinGuestPath } from './guest-paths.js'
import { importName, importsOf, type PluginImport, spellType } from './import-type.js'
import { OpRouter } from './op-router.js'
import { pluginError, runPhase } from './phase.js'
import { type BoundImport, type CallServices, PluginCalls } from './plugin-calls.js'
import type { PluginLimits } from './plugin-limits.js'
import { ProvidedFiles } from './provided-files.js'
import { prepareTakeOver, type TakeOver } from './take-over.js'
import { peekState } from './take-state.js'
import { formatState } from './upgrade-state.js'

/** What stands behind a guest once it has started. */
export interface GuestServices extends CallServices {
  descriptors(): readonly Descriptor[]
  copyDescriptor(fd: number): number
  sharesOpenFile(fd: number, other: number): boolean
  putDescriptor(wanted: Descriptor, hostFd: number): void
  closeDescriptor(fd: number): void
}

export interface GuestPluginsOptions {
  readonly binding: NativeBinding
  readonly guest: string
  readonly plugins: readonly AnyPlugin[]
  readonly directories: readonly GuestDirectory[]
  readonly operations: OperationLog
  /** The descriptors of a snapshot; null for a guest that starts, with streams and directories. */
  readonly stored: readonly Descriptor[] | null
  /** What the guest's module imports of plugins, in the order in which native code knows it. */
  readonly imports: readonly PluginImport[]
  readonly limits: PluginLimits
  /** What the trackers of a class share. */
  readonly shared: (plugin: AnyPlugin) => SharedResources | null
}

/** A plugin at work for one guest. */
export interface TrackedPlugin {
  readonly plugin: AnyPlugin
  readonly tracker: ResourceTracker<unknown>
}

/** The plugins of one guest: feeds them the guest's operations, and leads them through phases. */
export class GuestPlugins {
  #tracked: readonly TrackedPlugin[] = []
  /** What the guest asks of plugins while it runs. */
  readonly calls: PluginCalls
  /** Files that plugins provide to the guest. */
  readonly files: ProvidedFiles
  readonly #paths: GuestPaths
  readonly #options: GuestPluginsOptions
  readonly #router: OpRouter
  /** By class: why its state is not to be trusted any more. */
  readonly #failures = new Map<string, WasmshError>()
  #services: GuestServices | null = null
  #at = 0n
  #isFolding = false

  /** @throws WasmshError ERR_WASMSH_PLUGIN_FAILED */
  constructor(options: GuestPluginsOptions) {
    this.#options = options
    const { plugins, imports, stored, directories } = options
    const owners = new Map(
      plugins.flatMap(({ creates, name }) => creates.map((call) => [call, name])),
    )
    const providers = new Map(imports.map((one) => [importName(one), one.plugin]))
    this.#router = new OpRouter(owners, owners.get('path_open') ?? '', providers)
    const numbers = stored?.map(({ fd }) => fd) ?? firstNumbers(directories)
    this.#router.begin(numbers, providedIds(stored ?? []))
    const paths = stored === null ? pathsOf(directories) : directoryPaths(stored)
    this.#paths = new GuestPaths(paths)
    this.files = new ProvidedFiles((plugin) => this.#router.reserve(plugin))
    // One by one: each may use the services of those before it.
    for (const plugin of plugins) {
      this.#tracked = [...this.#tracked, { plugin, tracker: this.#track(plugin) }]
    }
    this.calls = new PluginCalls(
      imports.map((one) => this.#bindImport(one)),
      this.files,
    )
  }

  /** In the order of their dependencies. */
  get tracked(): readonly TrackedPlugin[] {
    return this.#tracked
  }

  /** The guest has started: its services can be used from now on. */
  bind(services: GuestServices): void {
    this.#services = services
    this.calls.bind(services)
  }

  get limits(): PluginLimits {
    return this.#options.limits
  }

  find(name: string): TrackedPlugin | undefined {
    return this.tracked.find(({ plugin }) => plugin.name === name)
  }

  all(): readonly AnyPlugin[] {
    return this.tracked.map(({ plugin }) => plugin)
  }

  /** A tracker that knows of every operation so far; undefined for a class that is not tracked.
   *  @throws WasmshError why its state is not to be trusted */
  current(name: string): ResourceTracker<unknown> | undefined {
    const found = this.find(name)
    if (found === undefined) return undefined
    this.fold()
    this.#requireSound(name)
    return found.tracker
  }

  /** Brings the state of every class up to the guest's latest operation: of a guest that runs, to the
   *  one that is the latest now. */
  fold(): void {
    const { next } = this.#options.operations.info()
    while (this.#foldPiece() && this.#at < next - 1n);
  }

  /** Begins to bring the state of every class up to date, a piece at a time: a guest that makes
   *  changes faster than they are folded holds nobody up. */
  foldSoon(): void {
    if (this.#isFolding) return
    this.#isFolding = true
    setImmediate(() => {
      this.#isFolding = false
      if (this.#foldPiece()) this.foldSoon()
    })
  }

  /** Whether there was anything to fold. */
  #foldPiece(): boolean {
    try {
      const operations = this.#options.operations.takeChanges()
      for (const operation of operations) this.#record(operation)
      return operations.length > 0
    } catch (error) {
      for (const { plugin } of this.tracked) this.#fail(plugin.name, 'record', error)
      return false
    }
  }

  /** The plugin that opens such a target, "pipe:jobs"; undefined when none does. */
  opener(target: string): AnyPlugin | undefined {
    return pluginOfTarget(target, this.all())
  }

  /** Has a plugin open a descriptor that the guest is to begin with; answers a host descriptor.
   *  @throws WasmshError ERR_WASMSH_RESOURCE_UNKNOWN, ERR_WASMSH_PLUGIN_FAILED */
  open(request: DescriptorRequest): number {
    const plugin = this.opener(request.target)
    const tracker = plugin && this.find(plugin.name)?.tracker
    if (plugin === undefined || tracker?.open === undefined) {
      throw new WasmshError(
        'ERR_WASMSH_RESOURCE_UNKNOWN',
        `No plugin opens "${request.target}" for descriptor ${request.fd}`,
      )
    }
    try {
      const hostFd = tracker.open(request)
      this.#router.put(request.fd, plugin.name)
      return hostFd
    } catch (error) {
      throw pluginError(plugin.name, 'open', error)
    }
  }

  /** A plugin has put something back behind one of the descriptors: operations on it are the
   *  plugin's, unless it is a file. */
  place(fd: number, plugin: string, descriptors: readonly Descriptor[]): void {
    const isKept = descriptors.some((one) => one.fd === fd && one.kind === 'resource')
    if (isKept) this.#router.put(fd, plugin)
  }

  /** Names of the living guests that this one shares something with. */
  peers(): ReadonlySet<string> {
    this.fold()
    return new Set(this.tracked.flatMap(({ tracker }) => tracker.peers?.() ?? []))
  }

  /** The guest holds nothing any more. */
  ended(): void {
    this.fold()
    for (const { plugin, tracker } of this.tracked) {
      try {
        tracker.ended?.()
      } catch (error) {
        this.#fail(plugin.name, 'ended', error)
      }
    }
  }

  /** What a snapshot with those flags would do about each resource.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_FAILED */
  plan(flags: PluginFlags): readonly ResourcePlan[] {
    this.fold()
    return this.tracked.flatMap(({ plugin, tracker }) => {
      this.#requireSound(plugin.name)
      try {
        return tracker.plan?.(flagsOf(plugin, 'snapshot', flags)) ?? []
      } catch (error) {
        throw pluginError(plugin.name, 'plan', error)
      }
    })
  }

  /** Has every class write its state into the directory of a snapshot. */
  async snapshot(
    directory: string,
    sync: boolean,
    flags: PluginFlags,
    group: GroupContext | null,
  ): Promise<ManifestPlugin[]> {
    this.fold()
    const blobs = new BlobWriter(this.#options.binding, directory, sync)
    const written: ManifestPlugin[] = []
    try {
      for (const { plugin, tracker } of this.tracked) {
        this.#requireSound(plugin.name)
        const own = flagsOf(plugin, 'snapshot', flags)
        if (tracker.quiesce !== undefined) {
          await runPhase(
            plugin.name,
            'quiesce',
            own,
            (context) => tracker.quiesce?.(context) ?? Promise.resolve(),
            this.#options.limits.phaseMs,
          )
        }
        const state = await runPhase(
          plugin.name,
          'snapshot',
          own,
          (context) =>
            tracker.snapshot({
              ...context,
              at: this.#at,
              group,
              putBlob: (source) => blobs.put(source, context.progress),
            }),
          this.#options.limits.phaseMs,
        )
        const stored = formatState(plugin.state, state, plugin.name)
        const file = `plugin-${plugin.name}.json`
        const path = join(directory, file)
        await writing(path, () => createFile(path, canonicalJson(stored), { sync }))
        written.push({ name: plugin.name, stateVersion: plugin.state.version, file })
      }
      return written
    } finally {
      await this.resume()
    }
  }

  /** Takes the state of one class as for a snapshot, and keeps nothing of it but that.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_GUEST, and those of the plugin */
  async peek(name: string): Promise<unknown> {
    this.fold()
    const found = this.find(name)
    if (found === undefined) {
      const message = `Guest "${this.#options.guest}" was started without plugin "${name}"`
      throw new WasmshError('ERR_WASMSH_PLUGIN_GUEST', message)
    }
    this.#requireSound(name)
    const { binding } = this.#options
    return await peekState(found, { binding, at: this.#at })
  }

  /**
   * Makes new code of a plugin ready to take over; `commit` gives it the place of the old one.
   *
   * @throws WasmshError why it cannot; nothing has changed then
   */
  async prepareTakeOver(plugin: AnyPlugin): Promise<TakeOver & { commit(): void }> {
    this.fold()
    this.#requireSound(plugin.name)
    const old = this.find(plugin.name)
    if (old === undefined) {
      throw new WasmshError('ERR_WASMSH_INTERNAL', `Plugin "${plugin.name}" tracks no such guest`)
    }
    const { binding, imports } = this.#options
    requireSameImports(plugin, imports)
    const descriptors = this.#required().descriptors()
    const reopened = new Map<number, ProvidedFile>()
    const prepared = await prepareTakeOver(old, plugin, () => this.#track(plugin), {
      binding,
      at: this.#at,
      descriptors,
      find: (name) => this.find(name)?.tracker,
      reopen: (fd, file) => reopened.set(fd, file),
    })
    const commit = (): void => {
      for (const [fd, file] of reopened) {
        const stored = descriptors.find((one) => one.fd === fd)
        this.files.reopen(plugin.name, stored, fd, file)
      }
      this.#tracked = this.#tracked.map((one) =>
        one === old ? { plugin, tracker: prepared.tracker } : one,
      )
    }
    return { ...prepared, commit }
  }

  /** A snapshot has ended, or a recovery is complete. */
  async resume(): Promise<void> {
    for (const { tracker } of this.tracked) await tracker.resume?.().catch(() => undefined)
  }

  async dispose(): Promise<void> {
    for (const { tracker } of [...this.tracked].reverse()) {
      await tracker.dispose().catch(() => undefined)
    }
  }

  #bindImport(one: PluginImport): BoundImport {
    // Found anew at each call: the plugin's code may have been reloaded.
    const find = (): BoundImport['run'] | undefined =>
      this.find(one.plugin)?.tracker.imports?.[one.module]?.[one.name]
    if (typeof find() === 'function') {
      return { import: one, run: (call, ...args) => find()?.(call, ...args) }
    }
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_INVALID',
      `Plugin "${one.plugin}" declares ${importName(one)}, but its tracker has no such function`,
    )
  }

  #track(plugin: AnyPlugin): ResourceTracker<unknown> {
    const { binding, guest, directories } = this.#options
    const finalName = (): string => this.#services?.guest ?? guest
    const host: PluginHost = {
      guest: {
        get name() {
          return finalName()
        },
      },
      directories,
      descriptors: () => this.#required().descriptors(),
      copyDescriptor: (fd) => this.#required().copyDescriptor(fd),
      sharesOpenFile: (fd, other) => this.#required().sharesOpenFile(fd, other),
      putDescriptor: (wanted, hostFd) => {
        this.#required().putDescriptor(wanted, hostFd)
        this.#router.put(wanted.fd, plugin.name)
      },
      closeDescriptor: (fd) => {
        this.#required().closeDescriptor(fd)
        this.#router.close(fd)
      },
      use: (name) => this.#use(plugin, name) as never,
      provide: (path, provider, owner) => {
        if (!plugin.creates.includes('path_open')) {
          throw new WasmshError(
            'ERR_WASMSH_PLUGIN_INVALID',
            `Plugin "${plugin.name}" provides a path without creating by path_open`,
            { hint: 'Depend on "files", and use its service.' },
          )
        }
        this.files.provide(path, provider, owner.name)
      },
      provided: () => this.files.of(plugin.name, this.#required().descriptors()),
      folder: (hostPath) => new HostFolder(binding, hostPath),
      log: (message) => process.emitWarning(`plugin ${plugin.name}: ${message}`, 'WasmshPlugin'),
    }
    try {
      return plugin.track(host, this.#options.shared(plugin))
    } catch (error) {
      throw pluginError(plugin.name, 'track', error)
    }
  }

  #use(user: AnyPlugin, name: string): unknown {
    const dependency = (why: string): WasmshError =>
      new WasmshError(
        'ERR_WASMSH_PLUGIN_DEPENDENCY',
        `Plugin "${user.name}" uses "${name}", ${why}`,
      )
    if (!user.dependsOn.includes(name)) throw dependency('without depending on it')
    const service = this.find(name)?.tracker.service?.({ name: user.name })
    if (service === undefined) throw dependency('which offers nothing to others')
    return service
  }

  #required(): GuestServices {
    if (this.#services !== null) return this.#services
    throw new WasmshError('ERR_WASMSH_INTERNAL', 'The guest of a plugin has not started yet')
  }

  #record(operation: Parameters<OpRouter['route']>[0]): void {
    const path = this.#paths.opened(operation)
    const provided = path === null ? undefined : this.files.takeOpened(path)
    this.#paths.follow(operation)
    const { op, classes } = this.#router.route(operation, provided)
    this.#at = op.seq
    for (const { plugin, tracker } of this.tracked) {
      if (!classes.has(plugin.name)) continue
      try {
        tracker.record(op)
      } catch (error) {
        this.#fail(plugin.name, 'record', error)
      }
    }
  }

  #fail(name: string, phase: string, error: unknown): void {
    if (!this.#failures.has(name)) this.#failures.set(name, pluginError(name, phase, error))
  }

  #requireSound(name: string): void {
    const failure = this.#failures.get(name)
    if (failure !== undefined) throw failure
  }
}

/** Resources behind the descriptors of a snapshot that plugins provided. */
function providedIds(stored: readonly Descriptor[]): ReadonlyMap<number, ResourceId> {
  const provided = stored.filter(({ kind }) => kind === 'provided')
  return new Map(provided.map(({ fd, stream, offset }) => [fd, `${stream}/${Number(offset)}`]))
}

/** Number of the first preopened directory. */
export const firstPreopen = 3

function firstNumbers(directories: readonly GuestDirectory[]): readonly number[] {
  return Array.from({ length: firstPreopen + directories.length }, (_, fd) => fd)
}

function pathsOf(directories: readonly GuestDirectory[]): ReadonlyMap<number, string> {
  return new Map(
    directories.map(({ guestPath }, index) => [
      firstPreopen + index,
      joinGuestPath(guestPath) ?? '/',
    ]),
  )
}

/** A guest keeps the imports that it was linked with.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_RELOAD */
function requireSameImports(plugin: AnyPlugin, bound: readonly PluginImport[]): void {
  const offered = new Map(importsOf(plugin).map((one) => [importName(one), one]))
  for (const one of bound.filter((each) => each.plugin === plugin.name)) {
    const name = importName(one)
    const other = offered.get(name)
    if (other !== undefined && spellType(other) === spellType(one)) continue
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_RELOAD',
      `Plugin "${plugin.name}" no longer provides ${name} ${spellType(one)}, which a guest uses`,
    )
  }
}

/** The plugin that opens such a target, "pipe:jobs"; undefined when none does. */
export function pluginOfTarget(
  target: string,
  plugins: readonly AnyPlugin[],
): AnyPlugin | undefined {
  const [, scheme = ''] = /^([a-z][a-z0-9-]*):/.exec(target) ?? []
  return plugins.find(({ schemes = [] }) => schemes.includes(scheme))
}

/** The flags that a plugin has in a phase. */
export function flagsOf(
  plugin: AnyPlugin,
  phase: 'snapshot' | 'recover',
  flags: PluginFlags,
): PluginFlags {
  const names = (plugin.flags ?? []).filter((one) => one.phase === phase).map(({ name }) => name)
  return Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name)))
}

/** What recovery lost, for the guest's list. */
export type Degradations = readonly (Degradation & { readonly plugin: string })[]
