import { randomUUID } from 'node:crypto'
import { WasmshError } from '../core/errors.js'
import type { Guest } from '../core/guest/guest.js'
import type { RunOptions } from '../core/guest/run-options.js'
import { type Arguments, usageError } from './arguments.js'
import type { CommandOutcome } from './command.js'
import { readRunOptions } from './commands/run.js'
import { followAll } from './foreground.js'
import { type GuestReport, renderReports, reportOf, statusOfReport } from './outcome.js'
import type { Session } from './session.js'

/** How a pipeline was found, guest by guest. */
export interface PipelineReport {
  readonly guests: readonly GuestReport[]
}

/** What the stages behind the first one say after their command.
 *  @throws WasmshError ERR_WASMSH_COMMAND_SYNTAX for one that is no `run` */
export function requireStages(stages: readonly string[], command: string): readonly string[] {
  return stages.map((stage) => {
    const [, name, text = ''] = /^(\S*)\s*([\s\S]*)$/.exec(stage) ?? []
    if (name === command) return text
    throw new WasmshError(
      'ERR_WASMSH_COMMAND_SYNTAX',
      name === undefined || name === ''
        ? 'A pipeline has a stage without a command'
        : `"${name}" cannot be a stage of a pipeline`,
      { hint: 'Write "run A | run B"; quote the "|" to pass it on.' },
    )
  })
}

/** Starts guests that are connected by pipes, and waits until they end or stand still. */
export async function runPipeline(
  session: Session,
  inputs: readonly Arguments[],
): Promise<CommandOutcome> {
  const stages = connect(session, inputs)
  // What cannot be loaded is found before anything runs.
  for (const input of inputs) await session.shell.loadModule(input.required(0))
  const guests: Guest[] = []
  try {
    for (const { file, options } of stages) {
      const guest = await session.shell.run(file, options)
      session.consoleOf(guest)
      guests.push(guest)
    }
  } catch (error) {
    await Promise.all(guests.map((guest) => guest.kill()))
    throw error
  }
  const last = guests.at(-1)
  if (last !== undefined) session.choose(last)
  if (!inputs.some((input) => input.flag('detach'))) await followAll(session, guests)
  return pipelineOutcome(guests.map(reportOf))
}

/** The result of commands that are about several guests; the status is that of the last one. */
export function pipelineOutcome(guests: readonly GuestReport[]): CommandOutcome {
  const report: PipelineReport = { guests }
  const last = guests.at(-1)
  return {
    value: report,
    render: (page) => renderReports(guests, page.theme),
    status: last === undefined ? null : statusOfReport(last),
  }
}

/** Gives each stage the ends of the pipes to its neighbours. */
function connect(
  session: Session,
  inputs: readonly Arguments[],
): readonly { readonly file: string; readonly options: RunOptions }[] {
  const pipeline = randomUUID()
  const last = inputs.length - 1
  return inputs.map((input, at) => {
    const options = readRunOptions(session, input)
    for (const name of ['stdin', 'stdout'] as const) {
      const isConnected = name === 'stdin' ? at > 0 : at < last
      if (!isConnected || input.option(name) === undefined) continue
      throw usageError(input.command, `--${name} of ${input.required(0)} is the pipe already`)
    }
    return {
      file: input.required(0),
      options: {
        ...options,
        ...(at > 0 ? { stdin: { resource: `pipe:|${pipeline}_${at}` } } : {}),
        ...(at < last ? { stdout: { resource: `pipe:|${pipeline}_${at + 1}` } } : {}),
      },
    }
  })
}
