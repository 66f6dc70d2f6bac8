import { constants } from 'node:os'
import { fromSystem } from '../core/errors.js'
import { JavaScriptError } from './execute.js'
import { exitCodes } from './exit-codes.js'
import { presentError } from './present.js'
import type { Session } from './session.js'

/** Time that guests are given to end when the process is asked to, milliseconds. */
const closeLimitMs = 2000

/**
 * Handles what comes to the process from outside: Ctrl-C goes to whoever waits, SIGTERM and SIGHUP
 * end the guests and the process, a closed output ends it as it ends any program in a pipe. Returns
 * what takes the handlers away.
 */
export function watchProcess(session: Session): () => void {
  const onInterrupt = () => {
    session.output.echoed()
    if (!session.interrupts.fire()) void leave(session, onSignal('SIGINT'))
  }
  const onTerminate = () => void leave(session, onSignal('SIGTERM'))
  const onHangup = () => void leave(session, onSignal('SIGHUP'))
  const onRejection = (reason: unknown) => session.noteStray(new JavaScriptError(reason))
  const onClosed = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') void leave(session, onSignal('SIGPIPE'))
    else {
      presentError(
        session,
        fromSystem('ERR_WASMSH_OUTPUT_WRITE', 'Output cannot be written', error),
      )
      void leave(session, exitCodes.environment)
    }
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  process.on('SIGHUP', onHangup)
  process.on('unhandledRejection', onRejection)
  process.stdout.on('error', onClosed)
  process.stderr.on('error', onClosed)
  return () => {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onTerminate)
    process.off('SIGHUP', onHangup)
    process.off('unhandledRejection', onRejection)
    // Listeners of the outputs stay: what is still on its way may fail, too.
  }
}

let isLeaving = false

function onSignal(signal: NodeJS.Signals): number {
  return exitCodes.signal + constants.signals[signal]
}

/** Ends the process with that code, with the terminal and the guests in order. */
async function leave(session: Session, code: number): Promise<void> {
  if (isLeaving) process.exit(code)
  isLeaving = true
  session.output.setPrompt(null)
  if (process.stdin.isTTY) process.stdin.setRawMode(false)
  // The exit handler of the shell stops what has not ended by then.
  const limit = setTimeout(() => process.exit(code), closeLimitMs)
  await session.shell.close().catch(() => {})
  clearTimeout(limit)
  process.exit(code)
}
