import { copyFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadNative } from '../../src/core/native.js'
import type { HostBinding, SnapshotEntry } from '../../src/core/snapshot/snapshot-entry.js'
import type { Store } from '../../src/core/store/store.js'

/** What the test host has stored, and what wasmsh had stored of the same guest before. */
export interface Adoption {
  /** The host's: state.bin, and an index and an image for each memory. */
  readonly directory: string
  readonly before: SnapshotEntry
  readonly module: Uint8Array
  /** File that is the guest's standard input, if it is one. */
  readonly input?: string
}

/** Puts a snapshot of the test host's into a store, as if this machine had taken it. Plugins have no
 *  state in it: the host knows none. */
export async function adoptSnapshot(
  store: Pick<Store, 'begin'>,
  { directory, before, module, input }: Adoption,
): Promise<SnapshotEntry> {
  const native = loadNative()
  const { manifest, guest } = before
  const draft = await store.begin({
    guest,
    baseToken: '',
    module: { sha256: manifest.module.sha256, bytes: module },
    sync: false,
  })
  const { threads, descriptors, memories } = native.decodeState(
    readFileSync(join(directory, 'state.bin')),
  )
  const files = ['state.bin', ...memories.flatMap((_, n) => [`memory-${n}.idx`, `memory-${n}.img`])]
  for (const file of files) copyFileSync(join(directory, file), join(draft.directory, file))
  const { offset = 0n } = descriptors.find(({ kind }) => kind === 'stdin') ?? {}
  const bindings: HostBinding[] =
    input === undefined ? [] : [{ kind: 'stdin', fd: 0, hostPath: input, offset }]
  return await draft.commit({
    engine: manifest.engine,
    needs: manifest.needs,
    status: threads[0]?.status ?? 'running',
    position: threads[0]?.position ?? null,
    bindings: manifest.bindings,
    hostBindings: bindings,
    edits: [],
    ...(manifest.limits === undefined ? {} : { limits: manifest.limits }),
    plugins: [],
    native: {
      files: files.map((name) => ({ name, bytes: statSync(join(directory, name)).size })),
      memories: memories.map((_, n) =>
        native.describeIndex(readFileSync(join(directory, `memory-${n}.idx`))),
      ),
    },
  })
}
