import type {
  CommandGroup,
  CompletionKind,
  OptionSpec as PluginOptionSpec,
} from '../core/plugin-shell.js'
import type { Arguments } from './arguments.js'
import { done, type ExitStatus } from './exit-codes.js'
import type { Page } from './page.js'
import type { Session } from './session.js'

export { type CommandGroup, commandGroups } from '../core/plugin-shell.js'

/** What Tab offers: of a kind, or what a plugin finds. */
export type Completion = CompletionKind | ((session: Session) => Promise<readonly string[]>)

export type OptionSpec = PluginOptionSpec<Completion>

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

export interface CommandInfo {
  readonly name: string
  readonly group: CommandGroup
  /** One line, a verb in the third person, no period. */
  readonly summary: string
  /** Ways to call it, without options that the list below explains. */
  readonly usage: readonly string[]
  readonly options: OptionSpecs
  /** Paragraphs of the manual page; wrapped when printed. Lines indented by two are kept. */
  readonly help: string
  readonly examples: readonly string[]
  /** The command takes the rest of the line as it stands, without words and options. */
  readonly isRaw: boolean
  /** Most and fewest arguments. */
  readonly arity: readonly [least: number, most: number]
  /** What Tab offers, one an argument; the last stands for all further ones. */
  readonly complete: readonly Completion[]
  /** Function in JavaScript, where it cannot have the command's name. */
  readonly functionName: string
  /** Of raw commands: the line that a call of the function stands for. */
  rawText(given: readonly unknown[]): string
}

/** Result of a command: the value for programs, the text for people. */
export interface CommandOutcome {
  readonly value: unknown
  render(page: Page): string | Promise<string>
  /** Null leaves the status of the line before. */
  readonly status: ExitStatus | null
}

export interface Command extends CommandInfo {
  execute(session: Session, input: Arguments): Promise<CommandOutcome>
}

/** What a command's file gives; the rest of CommandInfo has defaults. */
export interface CommandSpec<Result> extends Partial<CommandInfo> {
  readonly name: string
  readonly group: CommandGroup
  readonly summary: string
  readonly usage: readonly string[]
  readonly help: string
  run(session: Session, input: Arguments): Promise<Result> | Result
  render(result: Result, page: Page): string | Promise<string>
  /** Exit status that the result stands for; 0 without. */
  status?(result: Result): ExitStatus | null
  /** Leaves the exit status of the line before as it is. */
  readonly keepsStatus?: boolean
}

/** Options that every command has. */
export const commonOptions: OptionSpecs = {
  json: { type: 'boolean', summary: 'print the result as one line of JSON' },
  help: { type: 'boolean', short: 'h', summary: 'print this page' },
}

/** Option of the commands that look at a guest or change it. */
export const guestOption: OptionSpecs = {
  guest: {
    type: 'string',
    short: 'g',
    value: 'GUEST',
    summary: 'the guest, or "snapshot:NAME", instead of the one chosen by "use"',
    complete: 'guest-or-snapshot',
  },
}

/** Makes a command of what its file gives. */
export function defineCommand<Result>(spec: CommandSpec<Result>): Command {
  return {
    options: {},
    examples: [],
    isRaw: false,
    arity: [0, 0],
    complete: [],
    functionName: spec.name,
    rawText: (given) => given.map(String).join(' '),
    ...spec,
    async execute(session, input) {
      const result = await spec.run(session, input)
      return {
        value: result,
        render: (page) => spec.render(result, page),
        status: spec.keepsStatus === true ? null : (spec.status?.(result) ?? done),
      }
    },
  }
}
