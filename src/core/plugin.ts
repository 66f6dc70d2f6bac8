/**
 * The plugin contract. A plugin takes care of one class of resources that guests hold outside of
 * themselves, and implements record, snapshot and recover for it. docs/plugins.md teaches it.
 */
import type { HostFolder } from './host-folder.js'
import type { FileProvider, ProvidedDescriptor, ProvidedFile } from './plugin/file-provider.js'
import type { AnyHostFunctions, ImportTypes } from './plugin/host-function.js'
import type { PluginServices, ServiceUser } from './plugin/services.js'
import type {
  DescriptorRequest,
  GroupContext,
  SharedResources,
  ShareHost,
} from './plugin-resources.js'
import type { PluginShellParts } from './plugin-shell.js'
import type { Descriptor } from './wasm-view.js'

export type { FileKind, FileStatus, HostFolder } from './host-folder.js'
export type { CallMemory, Loaded, LoadType } from './plugin/call-memory.js'
export * from './plugin/file-provider.js'
export * from './plugin/host-function.js'
export type * from './plugin/services.js'
export type * from './plugin-resources.js'
export type * from './plugin-shell.js'
export type { Descriptor } from './wasm-view.js'

/** Version of this contract: raised when a plugin written for N cannot run on N + 1. */
export const pluginApiVersion = 1

/** Position in a guest's log of operations; the first is 1n, and 0n is before all of them. */
export type Seq = bigint

/** Identity of a resource for as long as its guest lives: "files/12". Never a host descriptor. */
export type ResourceId = `${string}/${number}`

/** Name of bytes that a snapshot keeps beside the state: "sha256:" and 64 hex digits. */
export type BlobRef = `sha256:${string}`

/** What a state can be stored as. 64-bit integers travel as decimal strings. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Bytes written by a call. */
export interface OpWrite {
  readonly address: number
  readonly length: number
  /** At most `length`. */
  readonly bytes: Uint8Array
}

/** One host call of the guest that made, ended or changed a resource or its name. */
export interface Op {
  readonly seq: Seq
  /** As WASI preview 1 names it: "path_open"; an import of a plugin as "env.sensor_read". */
  readonly call: string
  /** Guest thread; 0 is the main thread. */
  readonly thread: number
  /** As WASI preview 1 names it: "success", "noent". */
  readonly errno: string
  /** By the names of preview 1, or those that the plugin gave: a path's bytes, else a number. That of
   *  an import is its argument's bits. */
  readonly parameters: Readonly<Record<string, bigint | Uint8Array>>
  /** By the names of preview 1; none of a failed call. */
  readonly results: Readonly<Record<string, bigint>>
  /** What stood behind the descriptors that were given to the call. */
  readonly touches: readonly ResourceId[]
  /** What the call made; null for most. */
  readonly creates: ResourceId | null
  /** What an import of a plugin wrote into the guest's memory. Of bytes only the first are kept. */
  readonly writes: readonly OpWrite[]
}

/** How the state of a class is stored, checked, and brought up from earlier versions. */
export interface StateSchema<State> {
  /** Integer, raised on any change of layout or meaning. */
  readonly version: number
  /** Step n turns a stored state of version n into one of version n + 1. */
  readonly migrations: Readonly<Record<number, (state: Json) => Json>>
  format(state: State): Json
  /** Checks everything: a state may come from anywhere.
   *  @throws Error whose message says where it is wrong */
  parse(state: Json): State
}

/** Recovered objects that other plugins may look up; plugins add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: plugins add to it
export interface ResourceHandles {}

export interface PhaseProgress {
  readonly unit: 'bytes' | 'resources'
  readonly done: number
  readonly total: number
}

/** Values of the plugin's own flags, by name: text of those that take a value. */
export type PluginFlags = Readonly<Record<string, string | boolean>>

export interface PhaseContext {
  /** Aborted when nobody waits for the phase any more. */
  readonly signal: AbortSignal
  readonly flags: PluginFlags
  /** Says that it goes on; a phase that is silent for too long is given up. */
  progress(progress: PhaseProgress): void
}

export interface SnapshotContext extends PhaseContext {
  /** Every op up to this one is part of the snapshot. */
  readonly at: Seq
  /** The guests that a snapshot is taken of together, all of which stand still; null for one alone. */
  readonly group: GroupContext | null
  /** Stores bytes, or all of what an open host file holds, once however often it is put. */
  putBlob(source: Uint8Array | { readonly hostFd: number }): Promise<BlobRef>
}

/** A stored blob, as a file to read. */
export interface BlobFile {
  readonly path: string
  readonly bytes: number
}

export interface RecoverContext extends PhaseContext {
  /** The descriptors as they were stored; the guest itself is made behind this phase. */
  readonly descriptors: readonly Descriptor[]
  /** The guests that are recovered together: none goes on before all are in place. Null for one
   *  alone. */
  readonly group: GroupContext | null
  /** @throws WasmshError ERR_WASMSH_PLUGIN_STATE for one that the snapshot does not have */
  getBlob(ref: BlobRef): BlobFile
  /** Says how a file that is to be opened again looks here, where that differs. */
  adjust(
    fd: number,
    change: Partial<Pick<Descriptor, 'size' | 'modifiedNs' | 'guestPath' | 'offset'>>,
  ): void
  /** Puts an open host descriptor in place: of a file, instead of opening that by its path, or of
   *  what a plugin keeps; the core owns it from now on. Descriptors that are given the same one share its open file. */
  give(fd: number, hostFd: number): void
  /** Puts a file of the plugin's behind a descriptor that had one. Every such descriptor needs it. */
  reopen(fd: number, file: ProvidedFile): void
  /** What another class, named in dependsOn, has recovered; undefined when it has not. */
  lookup<Class extends keyof ResourceHandles & string>(
    resourceClass: Class,
    id: ResourceId,
  ): ResourceHandles[Class] | undefined
}

/** A difference that the guest can observe after recovery. */
export interface Degradation {
  readonly resource: string
  readonly reason: string
}

/** What a snapshot taken now would do about one resource. */
export interface ResourcePlan {
  /** "descriptor 5 (/data/log.txt)". */
  readonly resource: string
  /** The guest's descriptor that it is, if it is one: the core leaves that to the plugin. */
  readonly descriptor: number | null
  /** "portable": needs nothing. "mapping": the target has to say where it is. "blocked": a snapshot
   *  would lose it. */
  readonly status: 'portable' | 'mapping' | 'blocked'
  readonly reason: string
  /** What to do about it. */
  readonly hint: string
}

/** Live tracking of one resource class for one guest. Phases of a guest do not overlap. */
export interface ResourceTracker<State> {
  /** Folds one op into the state. Synchronous, without input or output. */
  record(op: Op): void
  /** Brings work under way to an end; when it resolves the class stands still. */
  quiesce?(context: PhaseContext): Promise<void>
  /** Opens a descriptor that the guest is to begin with, before it exists; answers a host descriptor,
   *  which the core owns from now on.
   *  @throws Error whose message says what is wrong with the request */
  open?(request: DescriptorRequest): number
  /** Names of the living guests that this one shares something with: they form a group. */
  peers?(): readonly string[]
  /** The guest has ended: it holds nothing any more. */
  ended?(): void
  /** Says what a snapshot would do, for `snapshot --dry-run` and before each snapshot. */
  plan?(flags: PluginFlags): readonly ResourcePlan[]
  /** Reads the state; changes nothing. */
  snapshot(context: SnapshotContext): Promise<State>
  /** Puts every resource of the state in place. References within the class wait for link. */
  recover(state: State, context: RecoverContext): Promise<readonly Degradation[]>
  /** Joins resources that may refer to each other. */
  link?(context: RecoverContext): Promise<readonly Degradation[]>
  /** Takes back what recover and link did: the recovery has failed later on. */
  undo?(): Promise<void>
  /** Undoes quiesce: after a snapshot, good or failed, and after a recovery that is complete. */
  resume?(): Promise<void>
  /** Object that other plugins find by lookup. */
  handle?(id: ResourceId): unknown
  /** What plugins get by host.use that depend on this one; one object for each of them. */
  service?(user: ServiceUser): unknown
  /** A function for each import that the plugin declares. */
  readonly imports?: AnyHostFunctions
  /** Lets go of everything; may be called twice. */
  dispose(): Promise<void>
}

/** A directory that the guest was given. */
export interface GuestDirectory {
  /** As the guest sees it: "/data". */
  readonly guestPath: string
  readonly hostPath: string
}

/** What the core lends to a tracker. */
export interface PluginHost {
  /** Its name is final once it has started. */
  readonly guest: { readonly name: string }
  /** The guest's directories on this host, in the order of its descriptors. */
  readonly directories: readonly GuestDirectory[]
  /** The descriptors of the guest as the kernel has them; it has to stand still. */
  descriptors(): readonly Descriptor[]
  /** A host descriptor that shares its open file with one of the guest's; the caller closes it. */
  copyDescriptor(fd: number): number
  /** Whether two descriptors of the guest stand for one open file: they share offset and flags. */
  sharesOpenFile(fd: number, other: number): boolean
  /** Puts an open host file at a number of a guest that stands still, in place of what is there, with
   *  the rights, flags and offset of `wanted`; the host descriptor is the core's from now on. */
  putDescriptor(wanted: Descriptor, hostFd: number): void
  /** Closes a descriptor of a guest that stands still. */
  closeDescriptor(fd: number): void
  /** Files below a host directory, which nothing leads out of. */
  folder(hostPath: string): HostFolder
  /** What a plugin of dependsOn offers to others.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_DEPENDENCY */
  use<Name extends keyof PluginServices & string>(name: Name): PluginServices[Name]
  /** For the class that creates by path_open: puts a file of `owner` behind a path. */
  provide(path: string, provider: FileProvider, owner: ServiceUser): void
  /** Descriptors of the guest that files of this plugin are behind; it has to stand still. */
  provided(): readonly ProvidedDescriptor[]
  /** A remark for whoever looks for a fault in the plugin. */
  log(message: string): void
}

/** A flag that a plugin adds to `snapshot` or `recover`. */
export interface PluginFlag {
  readonly phase: 'snapshot' | 'recover'
  /** Without the dashes: "contents". */
  readonly name: string
  readonly summary: string
  /** Values it takes; without them it takes none. */
  readonly values?: readonly string[]
}

/**
 * What going back in time does with a class: its resources are put back as at recovery and its
 * recorded results are served again ("replay"); the plugin undoes on the outside what was done since
 * ("compensate"); or going back is refused, with the reason.
 */
export type BackwardsPolicy = 'replay' | 'compensate' | { readonly refuse: string }

/** Static description of a resource class, and what comes with it for the shell. */
export interface ResourcePlugin<
  State = unknown,
  Tracker extends ResourceTracker<State> = ResourceTracker<State>,
  Shared extends SharedResources | null = null,
> extends PluginShellParts<Tracker> {
  /** Of the class: unique, kebab-case. */
  readonly name: string
  readonly apiVersion: number
  /** Classes that this one refers to: recovered before it, and snapshotted before it. */
  readonly dependsOn: readonly string[]
  /** Host calls that make a resource of this class; each has one owner. Calls on what is there are
   *  routed by what they touch. Imports of its own are named "env.sensor_open". */
  readonly creates: readonly string[]
  /** Types of the imports that it provides to guests; each has one owner. */
  readonly imports?: ImportTypes
  /** What descriptors that a guest begins with are asked for by: "pipe" for "pipe:jobs". Its tracker
   *  opens them. */
  readonly schemes?: readonly string[]
  readonly flags?: readonly PluginFlag[]
  readonly state: StateSchema<State>
  /** A plugin that does not say refuses. */
  readonly backwards?: BackwardsPolicy
  /** Names what a state holds, one a resource: what a recovery without the plugin loses. */
  resources?(state: State): readonly string[]
  /** Makes what its trackers share in one shell: shell.shared(name). */
  share?(host: ShareHost): Shared
  track(host: PluginHost, shared: Shared): Tracker
}

/** Any plugin; its state is its own. */
// biome-ignore lint/suspicious/noExplicitAny: a list of plugins has no common state type
export type AnyPlugin = ResourcePlugin<any, any, any>

/** Gives a plugin its type; returns it unchanged. */
export function definePlugin<
  State,
  Tracker extends ResourceTracker<State> = ResourceTracker<State>,
  Shared extends SharedResources | null = null,
>(plugin: ResourcePlugin<State, Tracker, Shared>): ResourcePlugin<State, Tracker, Shared> {
  return plugin
}
