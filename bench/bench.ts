import type { Shell } from '../src/index.js'
import type { Report } from './figure.js'
import type { Peers } from './peers.js'

/** What a benchmark may use. */
export interface BenchContext {
  readonly shell: Shell
  readonly peers: Peers
  /** A folder that is removed afterwards. */
  readonly directory: string
  readonly report: Report
  /** Says something about the circumstances, e.g. why a peer is missing. */
  note(text: string): void
}

export interface Bench {
  readonly name: string
  run(context: BenchContext): Promise<void>
}
