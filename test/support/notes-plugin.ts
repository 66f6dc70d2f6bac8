import { closeSync, constants, readFileSync, writeSync } from 'node:fs'
import {
  type AnyPlugin,
  type BlobRef,
  type Degradation,
  definePlugin,
  type HostFunctions,
  type ImportTypes,
  type Json,
  NotBegun,
  type Op,
  type PluginHost,
  type RecoverContext,
  type ResourcePlan,
  type ResourceTracker,
  type SnapshotContext,
} from '../../src/core/plugin.js'
import type { PluginSamples } from '../../src/core/plugin-laws/samples.js'

const imports = {
  notes: {
    /** Keeps a note that lies in memory, under the number of notes so far. */
    add: { params: ['address: i32', 'length: i32'], results: ['i32'] },
    /** Waits for a note that never comes. */
    wait: { params: [], results: ['i32'] },
  },
} as const satisfies ImportTypes

interface Note {
  readonly name: string
  readonly blob: BlobRef
}

interface NotesState {
  readonly notes: readonly Note[]
  readonly opened: number
}

/** Notes of a guest, each in a file of its directory at recovery: something of everything that the
 *  laws are about. */
export class NotesTracker implements ResourceTracker<NotesState> {
  readonly texts = new Map<string, string>()
  opened = 0
  readonly #made: string[] = []

  readonly imports: HostFunctions<typeof imports> = {
    notes: {
      add: ({ memory }, address, length) => {
        const text = memory.readText(address, length)
        this.texts.set(`note-${this.texts.size}`, text)
        return this.texts.size
      },
      wait: ({ signal }) =>
        new Promise((_, reject) => {
          const giveUp = (): void => reject(new NotBegun())
          if (signal.aborted) giveUp()
          else signal.addEventListener('abort', giveUp)
        }),
    },
  }

  constructor(readonly host: PluginHost) {}

  record(op: Op): void {
    if (op.errno === 'success' && op.creates !== null) this.opened++
  }

  plan(): readonly ResourcePlan[] {
    return [...this.texts.keys()].map((name) => ({
      resource: name,
      descriptor: null,
      status: 'portable',
      reason: 'travels',
      hint: '',
    }))
  }

  async snapshot(context: SnapshotContext): Promise<NotesState> {
    this.host.descriptors()
    const notes: Note[] = []
    for (const [name, text] of this.texts) {
      notes.push({ name, blob: await context.putBlob(Buffer.from(text)) })
    }
    return { notes, opened: this.opened }
  }

  async recover(state: NotesState, context: RecoverContext): Promise<readonly Degradation[]> {
    this.opened = state.opened
    for (const { name, blob } of state.notes) {
      this.texts.set(name, readFileSync(context.getBlob(blob).path, 'utf8'))
      this.#write(name)
    }
    return []
  }

  async undo(): Promise<void> {
    const [directory] = this.host.directories
    if (directory === undefined) return
    for (const name of this.#made.splice(0)) this.host.folder(directory.hostPath).remove(name)
  }

  async dispose(): Promise<void> {
    this.texts.clear()
  }

  #write(name: string): void {
    const [directory] = this.host.directories
    if (directory === undefined) return
    const { O_CREAT, O_WRONLY, O_EXCL } = constants
    const fd = this.host.folder(directory.hostPath).open(name, O_CREAT | O_WRONLY | O_EXCL)
    this.#made.push(name)
    writeSync(fd, this.texts.get(name) ?? '')
    closeSync(fd)
  }
}

function requireNotes(json: Json): NotesState {
  const { notes, opened, ...rest } = Object(json) as { notes: Note[]; opened: number }
  const isWhole =
    Array.isArray(notes) &&
    Number.isSafeInteger(opened) &&
    Object.keys(rest).length === 0 &&
    notes.every(
      (note) =>
        typeof note?.name === 'string' &&
        /^sha256:[0-9a-f]{64}$/.test(note.blob) &&
        Object.keys(note).length === 2,
    )
  if (isWhole) return { notes, opened }
  throw new Error('these are no notes')
}

export const notesPlugin: AnyPlugin = definePlugin<NotesState, NotesTracker>({
  name: 'notes',
  apiVersion: 1,
  dependsOn: [],
  creates: ['note_open'],
  imports,
  state: {
    version: 2,
    migrations: { 1: (state) => ({ notes: [], opened: state as number }) },
    format: ({ notes, opened }: NotesState) => ({
      notes: notes.map((one) => ({ ...one })),
      opened,
    }),
    parse: requireNotes,
  },
  resources: ({ notes }: NotesState) => notes.map(({ name }) => `note ${name}`),
  edits: {
    targets: [{ usage: 'notes.opened', summary: 'how many were opened' }],
    edit({ tracker }, _, value) {
      const old = String(tracker.opened)
      tracker.opened = Number(value)
      return { old, new: value }
    },
    editStored: ({ state }, _, value) => ({
      old: String(state.opened),
      new: value,
      state: { ...state, opened: Number(value) },
    }),
  },
  track: (host) => new NotesTracker(host),
})

export const notesSamples: PluginSamples<NotesTracker> = {
  scenes: [
    {
      name: 'two notes',
      directories: { '/data': { 'there.txt': 'before' } },
      ops: [{ call: 'note_open', creates: 'notes/1' }],
      calls: [{ import: 'notes.add', args: [64, 5], memory: { 64: 'hello' } }],
      act(tracker) {
        tracker.texts.set('a', 'first')
        tracker.texts.set('b', 'second')
      },
      edits: [{ target: 'opened', value: '7' }],
    },
  ],
  stored: [{ version: 1, state: 3 }],
}
