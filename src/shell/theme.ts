import { Chalk, type ChalkInstance } from 'chalk'
import type { Theme } from '../core/plugin-shell.js'

export type { Theme } from '../core/plugin-shell.js'

/** What decides about colours: a stream and the environment. */
export interface ColorSource {
  readonly isTTY?: boolean
  getColorDepth?(environment?: object): number
}

/**
 * Says how many colours to use, as chalk counts them: 0 none, 1 sixteen, 2 256, 3 all. NO_COLOR
 * (https://no-color.org) wins, then FORCE_COLOR, then what the terminal can do.
 */
export function colorLevel(stream: ColorSource, environment: NodeJS.ProcessEnv): 0 | 1 | 2 | 3 {
  if ((environment['NO_COLOR'] ?? '') !== '') return 0
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) {
    if (forced === '0' || forced === 'false') return 0
    return forced === '2' ? 2 : forced === '3' ? 3 : 1
  }
  if (stream.isTTY !== true || environment['TERM'] === 'dumb') return 0
  const depth = stream.getColorDepth?.(environment) ?? 1
  return depth >= 24 ? 3 : depth >= 8 ? 2 : depth >= 4 ? 1 : 0
}

/** The only place that chooses colours. */
export function createTheme(level: 0 | 1 | 2 | 3): Theme {
  const chalk: ChalkInstance = new Chalk({ level })
  return {
    isColored: level > 0,
    error: (text) => chalk.red.bold(text),
    warning: (text) => chalk.yellow(text),
    good: (text) => chalk.green(text),
    hint: (text) => chalk.cyan(text),
    heading: (text) => chalk.bold(text),
    guest: (text) => chalk.magenta(text),
    functionName: (text) => chalk.yellow(text),
    number: (text) => chalk.green(text),
    address: (text) => chalk.blue(text),
    type: (text) => chalk.cyan(text),
    quiet: (text) => chalk.dim(text),
    command: (text) => chalk.bold(text),
  }
}

/** A theme without colours. */
export const plainTheme: Theme = createTheme(0)
