import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** Where the files of a store are, all below its home. */
export interface StorePaths {
  readonly home: string
  /** Modules, once each: SHA256.wasm. */
  readonly modules: string
  /** A directory per snapshot, named by its id. */
  readonly snapshots: string
  /** Images of forgotten snapshots that others still need, by id. */
  readonly kept: string
  /** What is being written: DIRECTORY and DIRECTORY.draft, which says by whom. */
  readonly temporary: string
  readonly lock: string
  readonly catalogue: string
}

/** Finds the home of the store: $WASMSH_HOME, else the user's data folder.
 *  See https://specifications.freedesktop.org/basedir-spec/latest/ */
export function defaultHome(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['WASMSH_HOME']
  if (own !== undefined && own !== '') return resolve(own)
  const data = environment['XDG_DATA_HOME']
  // The specification says to ignore relative paths.
  const base = data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local', 'share')
  return join(base, 'wasmsh')
}

/** Lays out a store below `home`. */
export function storePaths(home: string): StorePaths {
  return {
    home,
    modules: join(home, 'modules'),
    snapshots: join(home, 'snapshots'),
    kept: join(home, 'kept'),
    temporary: join(home, 'tmp'),
    lock: join(home, 'lock'),
    catalogue: join(home, 'catalogue.json'),
  }
}
