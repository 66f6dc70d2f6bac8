import type { Op } from '../plugin.js'
import type { SampleOp } from './samples.js'

/** Fills in what a sample leaves out. */
export function completeOp(op: SampleOp, seq: bigint): Op {
  return {
    thread: 0,
    errno: 'success',
    parameters: {},
    results: {},
    touches: [],
    creates: null,
    writes: [],
    ...op,
    seq,
  }
}
