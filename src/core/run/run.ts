import { basename } from 'node:path'
import type { Compiler } from '../compile/compiler.js'
import type { Edit } from '../edit/edit.js'
import { nativeCall } from '../errors.js'
import type { GuestCode } from '../guest/guest-code.js'
import { defaultGuestName, requireGuestName } from '../guest/guest-name.js'
import type { RunOptions } from '../guest/run-options.js'
import { closeStreams, type GuestStreams, openStreams } from '../guest/streams.js'
import type { Module } from '../module.js'
import type { ModuleLoader } from '../module-loader.js'
import type { NativeBinding, NativeEngine } from '../native.js'
import { openLog } from '../oplog/open-log.js'
import type { OperationLog } from '../oplog/operation.js'
import { type Degradations, firstPreopen, GuestPlugins } from '../plugin-host/guest-plugins.js'
import { shapeOf } from '../plugin-host/import-type.js'
import type { PluginLimits } from '../plugin-host/plugin-limits.js'
import type { PluginRegistry } from '../plugin-host/registry.js'
import type { SharedByClass } from '../plugin-host/shared-resources.js'
import { GuestProfile } from '../profile/guest-profile.js'
import type { ManifestLimits } from '../snapshot/manifest.js'
import type { Store } from '../store/store.js'
import { type CodePlan, codeFor } from './code-for.js'
import { requireProfilable } from './engine-choice.js'
import { type Given, openGiven, resourceOpener } from './given.js'
import {
  deterministic,
  environmentList,
  keptLimits,
  limits,
  nativeImports,
  requireArguments,
  resolveDirectories,
  resolveEntry,
  resolveImports,
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
  readonly plugins: GuestPlugins
  readonly degradations: Degradations
  /** Null for the interpreter alone. */
  readonly code: GuestCode | null
  /** Null when visits are not counted. */
  readonly profile: GuestProfile | null
  /** Ours until native code has them. */
  readonly given: readonly Given[]
  /** Hands over to native code; returns the guest's number. */
  readonly start: () => number
}

/** What starting and recovering need of their shell. */
export interface StartContext {
  readonly binding: NativeBinding
  readonly engine: NativeEngine
  readonly modules: ModuleLoader
  readonly store: Store
  readonly compiler: Compiler
  readonly plugins: PluginRegistry
  readonly limits: PluginLimits
  readonly shared: SharedByClass
}

/** Checks the options of a run and opens its streams, those last. */
export async function prepareRun(
  context: StartContext,
  module: Module,
  options: RunOptions,
): Promise<Prepared> {
  const { binding, engine, store } = context
  const isLenient = options.allowMissingImports ?? false
  const imports = resolveImports(module, context.plugins.imports(), isLenient)
  const preopens = await resolveDirectories(options.dirs ?? [])
  const name =
    options.name === undefined ? defaultGuestName(module.file) : requireGuestName(options.name)
  const { log, opLog, operations } = openLog(binding, store.home, options, imports.map(shapeOf))
  const { profile, code } = await engineFor(context, module, options)
  const settings = {
    ...limits(options),
    ...code.settings,
    opLog,
    visits: profile?.visits ?? null,
    imports: nativeImports(imports, binding.opShapes().length),
    ...resolveEntry(module, options),
    arguments: requireArguments([basename(module.file), ...(options.args ?? [])]),
    environment: environmentList(options.env ?? {}),
    deterministic: deterministic(options.deterministic),
    preopens,
  }
  const plugins = new GuestPlugins({
    binding,
    guest: name,
    plugins: context.plugins.all(),
    directories: preopens,
    operations,
    stored: null,
    imports,
    limits: context.limits,
    shared: (plugin) => context.shared.of(plugin),
  })
  const { stdin = 'pipe', stdout = 'pipe', stderr = 'pipe' } = options
  const streams = openStreams(
    binding,
    { stdin: { option: stdin }, stdout: { option: stdout }, stderr: { option: stderr } },
    resourceOpener(plugins),
  )
  let given: readonly Given[]
  try {
    given = openGiven(plugins, options.descriptors, takenNumbers(preopens))
  } catch (error) {
    closeStreams(binding, streams, true)
    throw error
  }
  return {
    name,
    module,
    streams,
    preopens,
    edits: [],
    limits: keptLimits(settings),
    log,
    plugins,
    degradations: [],
    code: code.guestCode,
    profile,
    given,
    start: () =>
      nativeCall(() =>
        engine.start(module.native, {
          ...settings,
          given,
          ...streams.native,
          provided: plugins.files.native(),
        }),
      ),
  }
}

/** What the guest runs in, and who counts its visits if that is asked for. */
async function engineFor(
  context: StartContext,
  module: Module,
  options: RunOptions,
): Promise<{ readonly profile: GuestProfile | null; readonly code: CodePlan }> {
  const beginning = { isRecovery: false, unsaid: 'interp' } as const
  const { profile: file, engine, onProfileFailure = () => {} } = options
  if (file === undefined) {
    return { profile: null, code: await codeFor(context, module, options, beginning) }
  }
  requireProfilable(module, engine)
  const profile = await GuestProfile.open(context.binding, module, file, onProfileFailure)
  const interpreted = { ...options, engine: 'interp' } as const
  return { profile, code: await codeFor(context, module, interpreted, beginning) }
}

/** What the first descriptors stand for. */
function takenNumbers(preopens: Prepared['preopens']): ReadonlyMap<number, string> {
  return new Map([
    ...['stdin', 'stdout', 'stderr'].map((name, fd) => [fd, name] as const),
    ...preopens.map(({ guestPath }, at) => [firstPreopen + at, `directory ${guestPath}`] as const),
  ])
}
