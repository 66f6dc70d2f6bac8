/**
 * Where a guest is in its life. "starting" until it is instantiated; "trapped" is parked at a trap,
 * to be looked at; the last three are final.
 */
export type GuestState =
  | 'starting'
  | 'running'
  | 'paused'
  | 'trapped'
  | 'ended'
  | 'killed'
  | 'failed'

/** Says whether a guest in that state stands still and can be looked at. */
export function isParked(state: GuestState): boolean {
  return state === 'paused' || state === 'trapped'
}

/** Says whether nothing more will happen to a guest in that state. */
export function isFinal(state: GuestState): boolean {
  return state === 'ended' || state === 'killed' || state === 'failed'
}
