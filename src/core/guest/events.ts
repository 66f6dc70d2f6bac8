import type { NativeTrap } from '../native.js'

/** Where and why a guest trapped. */
export type Trap = NativeTrap

/** Why a guest is parked. "entry": before its first instruction; "position": reached pauseAt; "no-code":
 *  it uses SIMD, which only compiled code can run, and what it needs to go on could not be made
 *  (`info().compileFailure`). To resume it is to try again. */
export type PauseReason = 'pause' | 'step' | 'position' | 'entry' | 'no-code'

/** As the guest ended up, or that it did not within the time given. */
export type Outcome =
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'paused'; readonly reason: PauseReason }
  | { readonly kind: 'trapped'; readonly trap: Trap }
  | { readonly kind: 'killed' }
  | { readonly kind: 'timeout' }

/** News of one guest: name and arguments of the listener. */
export interface GuestEvents {
  started: []
  paused: [reason: PauseReason]
  trapped: [trap: Trap]
  resumed: []
  ended: [code: number]
  killed: []
  failed: [error: Error]
  /** It has moved from the interpreter into machine code. */
  crossed: []
  /** Any of the above but "crossed"; the state is new already. */
  state: []
}
