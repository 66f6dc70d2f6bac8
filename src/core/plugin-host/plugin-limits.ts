/** How long plugins may keep a guest waiting, milliseconds. */
export interface PluginLimits {
  /** Until a host function, asked for a pause, has settled. */
  readonly pauseMs: number
  /** For which a phase, such as snapshot or recover, may make no progress. */
  readonly phaseMs: number
}

export const defaultLimits: PluginLimits = { pauseMs: 10_000, phaseMs: 60_000 }
