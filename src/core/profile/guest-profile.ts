import { randomUUID } from 'node:crypto'
import { accessSync, constants, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fromSystem, nativeCall, WasmshError } from '../errors.js'
import type { Module } from '../module.js'
import type { NativeBinding, NativeVisits } from '../native.js'
import { formatProfile, type PointVisits, Profile } from './profile.js'

/** pcs of the stable points, by function. */
type Points = ReadonlyMap<number, ReadonlySet<number>>

/** Counts the visits of one guest's stable points, and writes them to a file. */
export class GuestProfile {
  private constructor(
    /** What native code counts in. */
    readonly visits: NativeVisits,
    private readonly module: string,
    private readonly points: Points,
    private readonly file: string,
    private readonly onFailure: (error: WasmshError) => void,
  ) {}

  /**
   * Prepares the profile of a guest about to start. The file is not touched before there is something
   * to write.
   *
   * @throws WasmshError ERR_WASMSH_PROFILE_WRITE for a file that cannot be written
   */
  static async open(
    binding: NativeBinding,
    module: Module,
    file: string,
    onFailure: (error: WasmshError) => void,
  ): Promise<GuestProfile> {
    const place = await writablePlace(file)
    const table = await module.stablePoints()
    const points = new Map<number, ReadonlySet<number>>()
    for (const index of table.suspendable()) {
      points.set(index, new Set(table.of(index)?.points.map(({ pc }) => pc)))
    }
    const visits = nativeCall(() => binding.createVisits(module.native))
    return new GuestProfile(visits, module.sha256, points, place, onFailure)
  }

  /** The visits up to now. */
  read(): Profile {
    const { functions, pcs, counts } = nativeCall(() => this.visits.read())
    const visited: PointVisits[] = []
    for (const [at, index] of functions.entries()) {
      const [pc, count] = [pcs[at] ?? 0, counts[at] ?? 0]
      if (this.points.get(index)?.has(pc) === true) {
        visited.push({ function: index, pc, visits: Math.min(count, Number.MAX_SAFE_INTEGER) })
      }
    }
    return new Profile(this.module, visited)
  }

  /** Replaces the file by one rename. At once, since the process may be about to end. */
  save(): void {
    const temporary = `${this.file}.${randomUUID()}.tmp`
    try {
      writeFileSync(temporary, formatProfile(this.read()), { flag: 'wx' })
      renameSync(temporary, this.file)
    } catch (error) {
      rmSync(temporary, { force: true })
      this.onFailure(writeFailure(this.file, error))
    }
  }
}

/** Where the bytes go, behind all links: a rename would take the place of a link, or of a device. */
async function writablePlace(file: string): Promise<string> {
  const path = resolve(file)
  try {
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    )
    const place = isThere ? realpathSync(path) : path
    if (isThere && !(await stat(place)).isFile()) {
      throw new WasmshError('ERR_WASMSH_PROFILE_WRITE', `${file} is no regular file`, {
        resource: file,
      })
    }
    accessSync(dirname(place), constants.W_OK)
    return place
  } catch (error) {
    throw writeFailure(file, error)
  }
}

function writeFailure(file: string, error: unknown): WasmshError {
  return fromSystem('ERR_WASMSH_PROFILE_WRITE', `The profile ${file} cannot be written`, error, {
    resource: file,
  })
}
