/**
 * What a plugin needs for resources that guests hold together, as part of the contract (plugin.ts):
 * descriptors given to a guest at its start, objects that all trackers of a class share, groups.
 */
import type { PipeServices } from './pipe-services.js'

export type { PipeServices } from './pipe-services.js'

/** A descriptor that a guest is to get from a plugin. */
export interface DescriptorRequest {
  /** Number that the guest sees. */
  readonly fd: number
  /** As it was asked for, "pipe:jobs:r"; begins with one of the plugin's schemes. */
  readonly target: string
  /** What a standard stream is for; null for other descriptors. */
  readonly access: 'read' | 'write' | null
}

/** What the core lends to what the trackers of a class share. */
export interface ShareHost {
  readonly pipes: PipeServices
}

/** What all trackers of a class have in common in one shell. */
export interface SharedResources {
  /** The shell is closed. Lets go of everything. */
  dispose(): void
}

/** Guests that a snapshot is taken of, or that are recovered, together. */
export interface GroupContext {
  /** Of a snapshot: names the group. Of a recovery: names this recovery of it. */
  readonly id: string
  /** Names of all its guests, as they were when the snapshot was taken. */
  readonly guests: readonly string[]
}
