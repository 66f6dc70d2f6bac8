import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NativeBinding } from '../native.js'
import { BlobWriter } from '../snapshot/blobs.js'
import type { TrackedPlugin } from './guest-plugins.js'
import { runPhase } from './phase.js'

export interface TakeServices {
  readonly binding: NativeBinding
  readonly at: bigint
}

/** The state of a class without a snapshot around it. */
export interface TakenState {
  readonly state: unknown
  /** Holds its blobs. */
  readonly directory: string
  /** Ends it: the class goes on, and the blobs are gone. */
  done(): Promise<void>
}

/** Takes the state of a class as for a snapshot; blobs go to a temporary directory.
 *  @throws WasmshError of the plugin; it goes on then */
export async function takeState(
  { plugin: { name }, tracker }: TrackedPlugin,
  { binding, at }: TakeServices,
): Promise<TakenState> {
  const directory = await mkdtemp(join(tmpdir(), 'wasmsh-state-'))
  const done = async (): Promise<void> => {
    await tracker.resume?.().catch(() => undefined)
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const blobs = new BlobWriter(binding, directory, false)
    await runPhase(name, 'quiesce', {}, async (context) => await tracker.quiesce?.(context))
    const state = await runPhase(name, 'snapshot', {}, (context) =>
      tracker.snapshot({
        ...context,
        at,
        group: null,
        putBlob: (source) => blobs.put(source, context.progress),
      }),
    )
    return { state, directory, done }
  } catch (error) {
    await done()
    throw error
  }
}

/** Takes the state of a class and lets go of all else.
 *  @throws WasmshError of the plugin */
export async function peekState(tracked: TrackedPlugin, services: TakeServices): Promise<unknown> {
  const taken = await takeState(tracked, services)
  await taken.done()
  return taken.state
}
