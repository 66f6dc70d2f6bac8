import type { Command } from '../command.js'
import { assert } from './assert.js'
import { compile } from './compile.js'
import { diff } from './diff.js'
import { disassemble } from './disassemble.js'
import { echo } from './echo.js'
import { edits } from './edits.js'
import { exit } from './exit.js'
import { exportCommand } from './export.js'
import { forget } from './forget.js'
import { frames } from './frames.js'
import { globals } from './globals.js'
import { guests } from './guests.js'
import { help } from './help.js'
import { importCommand } from './import.js'
import { info } from './info.js'
import { kill } from './kill.js'
import { locals } from './locals.js'
import { log } from './log.js'
import { memory } from './memory.js'
import { pause } from './pause.js'
import { plugin } from './plugin.js'
import { plugins } from './plugins.js'
import { recover } from './recover.js'
import { resume } from './resume.js'
import { run } from './run.js'
import { set } from './set.js'
import { snapshot } from './snapshot.js'
import { snapshots } from './snapshots.js'
import { source } from './source.js'
import { stack } from './stack.js'
import { step } from './step.js'
import { store } from './store.js'
import { tables } from './tables.js'
import { use } from './use.js'
import { verify } from './verify.js'
import { wait } from './wait.js'

/** Every command, in the order in which `help` lists them within their groups. */
const all: readonly Command[] = [
  run,
  compile,
  guests,
  use,
  pause,
  resume,
  wait,
  step,
  kill,
  info,
  frames,
  locals,
  stack,
  globals,
  tables,
  memory,
  disassemble,
  log,
  set,
  edits,
  snapshot,
  snapshots,
  recover,
  forget,
  exportCommand,
  importCommand,
  diff,
  store,
  verify,
  assert,
  echo,
  source,
  plugins,
  plugin,
  help,
  exit,
]

/** Commands by their names. */
export const commands: ReadonlyMap<string, Command> = new Map(
  all.map((command) => [command.name, command]),
)
