import { basename } from 'node:path'
import type { Edit } from '../edit/edit.js'
import { nativeCall } from '../errors.js'
import { defaultGuestName, requireGuestName } from '../guest/guest-name.js'
import type { RunOptions } from '../guest/run-options.js'
import { type GuestStreams, openStreams } from '../guest/streams.js'
import type { Module } from '../module.js'
import type { NativeBinding, NativeEngine } from '../native.js'
import { openLog } from '../oplog/open-log.js'
import type { OperationLog } from '../oplog/operation.js'
import type { ManifestLimits } from '../snapshot/manifest.js'
import {
  deterministic,
  environmentList,
  keptLimits,
  limits,
  requireArguments,
  requireImports,
  resolveDirectories,
  resolveEntry,
} from './start-options.js'

/** A guest about to start: everything is checked and opened. */
export interface Prepared {
  readonly name: string
  readonly module: Module
  readonly streams: GuestStreams
  readonly preopens: readonly { readonly guestPath: string; readonly hostPath: string }[]
  readonly edits: readonly Edit[]
  readonly limits: ManifestLimits
  readonly log: OperationLog | null
  /** Hands over to native code; returns the guest's number. */
  readonly start: () => number
}

/** Checks the options of a run and opens its streams, those last. `home` is the store's folder. */
export async function prepareRun(
  binding: NativeBinding,
  engine: NativeEngine,
  home: string,
  module: Module,
  options: RunOptions,
): Promise<Prepared> {
  requireImports(module, options.allowMissingImports ?? false)
  const preopens = await resolveDirectories(options.dirs ?? [])
  const { log, opLog } = openLog(binding, home, options)
  const settings = {
    ...limits(options),
    opLog,
    ...resolveEntry(module, options),
    arguments: requireArguments([basename(module.file), ...(options.args ?? [])]),
    environment: environmentList(options.env ?? {}),
    deterministic: deterministic(options.deterministic),
    preopens,
  }
  const { stdin = 'pipe', stdout = 'pipe', stderr = 'pipe' } = options
  const streams = openStreams(binding, {
    stdin: { option: stdin },
    stdout: { option: stdout },
    stderr: { option: stderr },
  })
  return {
    name:
      options.name === undefined ? defaultGuestName(module.file) : requireGuestName(options.name),
    module,
    streams,
    preopens,
    edits: [],
    limits: keptLimits(settings),
    log,
    start: () => nativeCall(() => engine.start(module.native, { ...settings, ...streams.native })),
  }
}
