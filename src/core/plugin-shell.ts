/**
 * What a plugin adds to the shell, as part of the contract (plugin.ts): commands, places that `set`
 * changes, help topics, formatters. Types only; the shell carries them out as it does its own.
 */
import type { Guest } from './guest/guest.js'
import type { ResourceTracker } from './plugin.js'
import type { Shell } from './shell.js'
import type { SnapshotEntry } from './snapshot/snapshot-entry.js'
import type { Descriptor } from './wasm-view.js'

/** Headings of the overview that `help` prints, in order. */
export const commandGroups = [
  'Running programs',
  'Looking',
  'Changing',
  'Snapshots',
  'Proving and scripting',
  'The shell',
] as const

export type CommandGroup = (typeof commandGroups)[number]

/** What Tab offers for an argument or for the value of an option. */
export type CompletionKind =
  | 'guest'
  | 'snapshot'
  | 'guest-or-snapshot'
  | 'path'
  | 'directory'
  | 'topic'
  | 'local'
  | 'place'
  | 'function'
  | 'export'
  | 'plugin'
  | 'none'
  | readonly string[]

export interface OptionSpec<Completion = CompletionKind> {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** May be given several times. */
  readonly multiple?: boolean
  /** Placeholder of the value in help, "FILE". */
  readonly value?: string
  /** A phrase without a period. */
  readonly summary: string
  readonly complete?: Completion
}

/** Marks up text by what it means; plain text comes back when colours are off. */
export interface Theme {
  readonly isColored: boolean
  readonly error: (text: string) => string
  readonly warning: (text: string) => string
  readonly good: (text: string) => string
  readonly hint: (text: string) => string
  readonly heading: (text: string) => string
  readonly guest: (text: string) => string
  readonly functionName: (text: string) => string
  readonly number: (text: string) => string
  readonly address: (text: string) => string
  readonly type: (text: string) => string
  readonly quiet: (text: string) => string
  readonly command: (text: string) => string
}

export interface Column {
  readonly head: string
  /** Left by default. */
  readonly align?: 'left' | 'right'
  /** Gives way when the table is too wide: its cells end in an ellipsis. */
  readonly shrinks?: boolean
}

/** What results are rendered for: a width, colours, tables. Rendering has no other effect. */
export interface Page {
  readonly columns: number
  readonly theme: Theme
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): Promise<string>
}

/** A manual page that is about no command. */
export interface Topic {
  readonly name: string
  /** One line, no period. */
  readonly summary: string
  /** Paragraphs; wrapped when printed. Lines indented by two blanks are printed as they are. */
  readonly text: string
}

/** The state that a tracker takes snapshots of. */
export type StateOf<Tracker> = Tracker extends ResourceTracker<infer State> ? State : never

/** A guest that the plugin tracks, paused or running. */
export interface GuestSubject<Tracker> {
  readonly kind: 'guest'
  readonly guest: Guest
  /** Has been told of every operation so far. */
  readonly tracker: Tracker
}

/** A stored snapshot, looked at without recovering it. */
export interface StoredSubject<Tracker> {
  readonly kind: 'snapshot'
  readonly snapshot: SnapshotEntry
  /** Of the plugin, brought up to its present version; null when the snapshot has none. */
  readonly state: StateOf<Tracker> | null
  readonly descriptors: readonly Descriptor[]
}

/** What a command, an edit or a completion is about. */
export type Subject<Tracker> = GuestSubject<Tracker> | StoredSubject<Tracker>

/** What a command was called with, checked against what it takes. */
export interface CommandInput {
  readonly positionals: readonly string[]
  /** All behind "--". */
  readonly rest: readonly string[]
  /** An argument by its position. */
  argument(index: number): string | undefined
  /** An argument that the arity promises. */
  required(index: number): string
  flag(name: string): boolean
  option(name: string): string | undefined
  /** Of an option that may be given several times. */
  options(name: string): readonly string[]
  /** A whole number given as an argument; `what` names it in the error. */
  count(index: number, what: string): number | undefined
  /** A whole number given as an option. */
  integer(name: string, least?: number, most?: number): number | undefined
  bigint(name: string): bigint | undefined
  /** An error that says how the command is called; to be thrown. */
  usageError(message: string, hint?: string): Error
}

/** What the shell lends to a command of a plugin. */
export interface CommandContext<Tracker> {
  readonly shell: Shell
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** The guest that is meant: by --guest, or the chosen one.
   *  @throws WasmshError ERR_WASMSH_GUEST_UNKNOWN; ERR_WASMSH_PLUGIN_GUEST for one that was started
   *    without the plugin */
  guest(): GuestSubject<Tracker>
  /** The same, or the stored snapshot that is meant. */
  subject(): Promise<Subject<Tracker>>
  /** Prints a line beside the result, on standard error. */
  note(text: string): void
}

/** Finds what Tab offers; null when nothing is chosen. What it throws offers nothing. */
export type Completer<Tracker> = (
  subject: Subject<Tracker> | null,
) => readonly string[] | Promise<readonly string[]>

export type PluginCompletion<Tracker> = CompletionKind | Completer<Tracker>

/** A command that a plugin adds. It is run as those of wasmsh are: with --json, --help, completion,
 *  and as a function of JavaScript. */
export interface PluginCommand<Tracker, Result = unknown> {
  /** Lower case, digits and "-"; no other command may have it. */
  readonly name: string
  /** Heading in `help`; "Looking" by default. */
  readonly group?: CommandGroup
  /** One line, a verb in the third person, no period. */
  readonly summary: string
  /** Ways to call it, without options that the list below explains. */
  readonly usage: readonly string[]
  /** What it is about: gives it the option --guest. "guest" by default. */
  readonly subject?: 'none' | 'guest' | 'guest-or-snapshot'
  readonly options?: Readonly<Record<string, OptionSpec<PluginCompletion<Tracker>>>>
  /** Paragraphs of the manual page; wrapped when printed. Lines indented by two are kept. */
  readonly help: string
  readonly examples?: readonly string[]
  /** Fewest and most arguments; none by default. */
  readonly arity?: readonly [least: number, most: number]
  /** What Tab offers, one an argument; the last stands for all further ones. */
  readonly complete?: readonly PluginCompletion<Tracker>[]
  /** Function in JavaScript; the name in camel case by default. */
  readonly functionName?: string
  /** Its result is what --json prints and what the function resolves to. */
  run(context: CommandContext<Tracker>, input: CommandInput): Promise<Result> | Result
  /** The result as text, for people. */
  render(result: Result, page: Page): string | Promise<string>
  /** Exit code that the result stands for; 0 without. */
  status?(result: Result): number
}

/** What an edit did, as text: kept in the guest's edits and in its snapshots. */
export interface ResourceChange {
  readonly old: string
  readonly new: string
}

/** The state of a stored snapshot after an edit. */
export interface StoredChange<State> extends ResourceChange {
  readonly state: State
  /** All of the guest's descriptors, where they change too. */
  readonly descriptors?: readonly Descriptor[]
}

/**
 * Places that `set` changes: those whose names begin with the class and a point,
 * `set files.fd[4].offset = 100`. What cannot be done is thrown as an Error whose message says why,
 * before anything is changed.
 */
export interface PluginEdits<Tracker> {
  /** For the manual page of `set`: "files.fd[N].offset" and a phrase. */
  readonly targets: readonly { readonly usage: string; readonly summary: string }[]
  /** Targets that Tab offers, with the class. */
  complete?: Completer<Tracker>
  /** Changes a guest that stands still. `target` is what follows the point. */
  edit(
    subject: GuestSubject<Tracker>,
    target: string,
    value: string,
  ): ResourceChange | Promise<ResourceChange>
  /** Makes the changed state of a stored snapshot; `state` and descriptors are those it has. */
  editStored?(
    subject: StoredSubject<Tracker> & { readonly state: StateOf<Tracker> },
    target: string,
    value: string,
  ): StoredChange<StateOf<Tracker>> | Promise<StoredChange<StateOf<Tracker>>>
}

/** How what a plugin keeps is shown. */
export interface PluginFormatters<Tracker> {
  /** A whole state, for `plugin state`. */
  readonly state?: (state: StateOf<Tracker>, page: Page) => string | Promise<string>
  /** Values of JavaScript lines at the prompt; the first that accepts one formats it. */
  readonly values?: readonly ValueFormatter[]
}

export interface ValueFormatter {
  accepts(value: unknown): boolean
  /** Called with what it accepted. */
  // biome-ignore lint/suspicious/noExplicitAny: the type that it accepts is its own
  format(value: any, page: Page): string
}

/** What a plugin adds to the shell. */
export interface PluginShellParts<Tracker> {
  // biome-ignore lint/suspicious/noExplicitAny: a list of commands has no common result
  readonly commands?: readonly PluginCommand<Tracker, any>[]
  readonly edits?: PluginEdits<Tracker>
  readonly topics?: readonly Topic[]
  readonly formatters?: PluginFormatters<Tracker>
}
