/**
 * npm run bench [-- --only NAME] [--json | --table]: measures the figures that the README and the design
 * state, each against its peer in the same run. Takes some minutes; close other work first.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openShell } from '../src/index.js'
import type { Bench } from './bench.js'
import { compiled } from './compiled.js'
import { compiledPause } from './compiled-pause.js'
import { compiledPrograms } from './compiled-programs.js'
import { type Figure, formatFigure, formatRow, tableHead } from './figure.js'
import { footprint } from './footprint.js'
import { hostCalls } from './host-calls.js'
import { interpreter } from './interpreter.js'
import { pause } from './pause.js'
import { Peers } from './peers.js'
import { snapshot } from './snapshot.js'

const benches: readonly Bench[] = [
  interpreter,
  compiled,
  compiledPause,
  compiledPrograms,
  hostCalls,
  pause,
  snapshot,
  footprint,
]

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
})
const names = benches.map(({ name }) => name)
const unknown = values.only?.find((name) => !names.includes(name))
if (unknown === undefined) {
  await runAll(benches.filter(({ name }) => values.only?.includes(name) ?? true))
} else {
  process.stderr.write(`There is no benchmark "${unknown}"; there are ${names.join(', ')}\n`)
  process.exitCode = 2
}

async function runAll(chosen: readonly Bench[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'wasmsh-bench-'))
  const shell = await openShell({ home: join(directory, 'home') })
  const report = (figure: Figure): void => {
    const format = values.json ? JSON.stringify : values.table ? formatRow : formatFigure
    process.stdout.write(`${format(figure)}\n`)
  }
  const note = (text: string): void => void process.stderr.write(`note: ${text}\n`)
  if (values.table) process.stdout.write(`${tableHead.join('\n')}\n`)
  try {
    for (const bench of chosen) {
      await bench.run({ shell, peers: new Peers(), directory, report, note })
    }
  } finally {
    await shell.close()
    await rm(directory, { recursive: true, force: true })
  }
}
