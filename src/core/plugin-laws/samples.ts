import type { Descriptor, Json, Op, PluginFlags, ResourceId, ResourceTracker } from '../plugin.js'
import type { StateOf } from '../plugin-shell.js'
import type { FakeHost } from './fake-host.js'
import type { SampleGuest } from './sample-guest.js'

/** Files of a directory by their paths: text, bytes, or null for a directory. */
export type FileTree = Readonly<Record<string, string | Uint8Array | null>>

/** A host call as a sample gives it; what is left out is empty, and the call succeeds. */
export type SampleOp = Pick<Op, 'call'> & Partial<Omit<Op, 'seq'>>

/** A descriptor as a sample gives it; what is left out is zero or empty. */
export type SampleDescriptor = Pick<Descriptor, 'fd' | 'kind'> & Partial<Descriptor>

/** A call of one of the plugin's imports. */
export interface SampleCall {
  /** "env.sensor_read". */
  readonly import: string
  readonly args?: readonly (number | bigint)[]
  /** What is in the guest's memory, by addresses. */
  readonly memory?: Readonly<Record<number, string | Uint8Array>>
}

/** A change by `set`, without the class and the point. */
export interface SampleEdit {
  readonly target: string
  readonly value: string
}

/** How a tracker comes to hold something. It has to come to the same each time. */
export interface Scene<Tracker = ResourceTracker<unknown>> {
  /** What is the case then: "two keys". */
  readonly name: string
  /** Directories of the guest by their guest paths. */
  readonly directories?: Readonly<Record<string, FileTree>>
  readonly descriptors?: readonly SampleDescriptor[]
  /** What the guest did. */
  readonly ops?: readonly SampleOp[]
  /** Host functions that the guest called then, one after the other. */
  readonly calls?: readonly SampleCall[]
  /** What else happens to the tracker: calls of its own methods, say. */
  act?(tracker: Tracker, guest: SampleGuest): Promise<void> | void
  /** Of `snapshot` and `recover`. */
  readonly flags?: PluginFlags
  /** Recovered objects of other classes, for lookup. */
  readonly handles?: Readonly<Record<ResourceId, unknown>>
  /** Changes that come to the same in a guest and in a stored snapshot. */
  readonly edits?: readonly SampleEdit[]
  /** What is outside of wasmsh and its directories, so that it can be seen whether undo takes all
   *  back: open ports, entries of a table. */
  observe?(host: FakeHost): Json | Promise<Json>
}

/** A state as some version of the plugin has stored it. */
export interface StoredSample {
  readonly name?: string
  readonly version: number
  readonly state: Json
}

/** What a package declares about its plugin for `wasmsh plugin test`. */
export interface PluginSamples<Tracker = ResourceTracker<unknown>> {
  readonly scenes: readonly Scene<Tracker>[]
  /** At least one of each version before the present one. */
  readonly stored?: readonly StoredSample[]
}

/** Gives samples their type; returns them unchanged. */
export function defineSamples<Tracker extends ResourceTracker<StateOf<Tracker>>>(
  samples: PluginSamples<Tracker>,
): PluginSamples<Tracker> {
  return samples
}
