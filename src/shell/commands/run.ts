import type { RunOptions } from '../../core/guest/run-options.js'
import type { Arguments } from '../arguments.js'
import { defineCommand } from '../command.js'
import { follow } from '../foreground.js'
import { type GuestReport, renderReport, reportOf, statusOfReport } from '../outcome.js'
import type { Session } from '../session.js'
import {
  ownStreams,
  profilingOptionSpecs,
  programOptionSpecs,
  readDeterminism,
  readProgramOptions,
  readStartOptions,
  startOptionSpecs,
} from '../start-arguments.js'

export const run = defineCommand<GuestReport>({
  name: 'run',
  group: 'Running programs',
  summary: 'loads a program, starts it, and waits until it ends, pauses or traps',
  usage: ['run FILE [options] [-- ARGUMENTS]', 'run FILE ... | run FILE ... [| ...]'],
  arity: [1, 1],
  complete: ['path'],
  options: { ...startOptionSpecs, ...programOptionSpecs, ...profilingOptionSpecs },
  help: `Runs a .wasm file as a new guest. The guest gets nothing that is not named here: no directory, no variable of the environment, no network.

While the guest runs in the foreground it has the terminal: what is typed goes to its standard input, Ctrl-D ends that, and Ctrl-C pauses the guest and gives the prompt back. With --detach it runs on its own, reads end-of-file, and "wait" waits for it.

A guest that traps is not gone: it stands at the instruction that trapped, to be looked at and edited.

"|" connects guests: what one writes to its standard output, the next reads from its standard input. They run at the same time, each with options of its own, and stand or fall together: Ctrl-C pauses all of them, and when one traps or pauses the others are paused, too. The exit code is that of the last one. "help pipes" says more.

--profile FILE counts how often the program comes to each stable point: a loop that goes round, a call that returns. FILE is written when the guest pauses, traps or ends, in place of what was there, and "info points FILE.wasm --profile FILE" shows it. The guest is interpreted, and takes about half as long again. A guest that is recovered from a snapshot of it counts nothing.

--pause-at N counts instructions of the original module, the start function included, so the same N is the same place every time the program does the same.`,
  examples: [
    'run hello.wasm',
    'run tool.wasm --dir ./data::/data --env LANG=C -- --verbose /data/in.txt',
    'run primes.wasm --pause-at 20000',
    'run math.wasm --invoke add -- 2 3',
    'run primes.wasm --profile primes.profile',
    'run produce.wasm | run sort.wasm -- -u | run print.wasm',
  ],
  async run(session, input) {
    const guest = await session.unlessInterrupted(
      session.shell.run(input.required(0), readRunOptions(session, input)),
    )
    session.choose(guest)
    session.consoleOf(guest)
    if (!input.flag('detach')) await follow(session, guest)
    return reportOf(guest)
  },
  render: (report, page) => renderReport(report, page.theme),
  status: statusOfReport,
})

/** Reads what a guest is run with. */
export function readRunOptions(session: Session, input: Arguments): RunOptions {
  return {
    ...readProgramOptions(input),
    ...readDeterminism(input),
    ...ownStreams(session, input),
    ...readStartOptions(session, input),
    ...readProfiling(session, input),
  }
}

function readProfiling(session: Session, input: Arguments): RunOptions {
  const profile = input.option('profile')
  if (profile === undefined) return {}
  return { profile, onProfileFailure: (error) => session.noteStray(error) }
}
