import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { WasmshError } from '../core/errors.js'
import { productVersion } from '../core/version.js'
import { ask } from './ask.js'
import { presentError } from './present.js'
import { runScriptFile } from './script.js'
import type { Session } from './session.js'

/** The tour's script: in the package's examples, seen from src/shell and from dist. */
function tourFile(): string {
  for (const up of ['../examples/tour.wsh', '../../examples/tour.wsh']) {
    const file = fileURLToPath(new URL(up, import.meta.url))
    if (existsSync(file)) return file
  }
  throw new WasmshError('ERR_WASMSH_SCRIPT_READ', 'examples/tour.wsh is missing', {
    hint: 'Install wasmsh again.',
  })
}

/**
 * What `npm start` begins with: on a terminal a greeting and the offer of the tour, elsewhere the
 * tour itself, to its end.
 *
 * @throws PlacedError when a step of the tour fails and there is no prompt to come
 */
export async function startTour(session: Session, hasTerminal: boolean): Promise<void> {
  const file = tourFile()
  const prompt = (text: string) => `${session.output.theme.quiet('wasmsh>')} ${text}`
  if (!hasTerminal) {
    await runScriptFile(session, file, {
      beforeLine: (text) => showLine(session, prompt(text), text),
    })
    return
  }
  const { output } = session
  output.result(
    `wasmsh ${productVersion()} runs WebAssembly programs that can be paused, edited and stored.`,
  )
  output.result('"help" lists the commands, Tab completes, Ctrl-D leaves.')
  if (!(await confirm('Press Enter for a tour of two minutes, or n for the prompt: '))) return
  try {
    await runScriptFile(session, file, {
      beforeLine: (text) => stopAtLine(session, prompt(text), text),
    })
    output.result('The prompt is yours.')
  } catch (error) {
    if (!(error instanceof TourLeft)) presentError(session, error)
  }
}

/** The user had enough. */
class TourLeft extends Error {}

const isSpoken = (text: string) => /^\s*echo\b/.test(text)

function showLine(session: Session, shown: string, text: string): void {
  if (!isSpoken(text) && !session.output.isJson) session.output.result(shown)
}

async function stopAtLine(session: Session, shown: string, text: string): Promise<void> {
  if (isSpoken(text)) return
  if (!(await confirm(`${shown}  ${session.output.theme.quiet('[Enter, or n to stop]')} `))) {
    throw new TourLeft()
  }
}

/** True for Enter and yes; false for no, Ctrl-C and Ctrl-D. */
async function confirm(question: string): Promise<boolean> {
  return /^\s*(y(es)?)?\s*$/i.test(await ask(question, 'n'))
}
