import type {
  VerifyDifference,
  VerifyOptions,
  VerifyReport,
} from '../../core/verify/verify-types.js'
import { type Arguments, usageError } from '../arguments.js'
import { defineCommand, type OptionSpecs } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { pluginPaths, quoteWord } from '../new-process.js'
import { parseNumber } from '../numbers.js'
import type { Page } from '../page.js'
import { withProgress } from '../progress.js'
import {
  programOptionSpecs,
  readClock,
  readLimits,
  readProgramOptions,
} from '../start-arguments.js'
import { count, printable } from '../text.js'

const { deterministic: _, seed: __, ...programOptions } = programOptionSpecs

const options: OptionSpecs = {
  points: { type: 'string', short: 'p', value: 'N', summary: 'pause points to try (20)' },
  seed: {
    type: 'string',
    value: 'S',
    summary: "chooses the points and seeds the guest's random numbers (0)",
  },
  at: {
    type: 'string',
    multiple: true,
    value: 'N',
    summary: 'try the point before the N-th instruction; may be given several times',
  },
  stdin: {
    type: 'string',
    value: 'FILE',
    summary: 'standard input; empty without',
    complete: 'path',
  },
  'memory-limit': { type: 'string', value: 'SIZE', summary: 'as for "run"' },
  stack: { type: 'string', value: 'SIZE', summary: 'as for "run"' },
  engine: {
    type: 'string',
    value: 'ENGINE',
    summary: 'interp (the interpreter), or both: compiled code and interpreter in turn',
    complete: ['interp', 'both'],
  },
  ...programOptions,
}

export const verify = defineCommand<VerifyReport>({
  name: 'verify',
  group: 'Proving and scripting',
  summary: 'proves that a program survives being paused, stored and recovered',
  usage: ['verify FILE [--points N] [--seed S] [options] [-- ARGUMENTS]'],
  arity: [1, 1],
  complete: ['path'],
  options,
  help: `Runs the program untouched, twice, to see that it does the same both times: random numbers are seeded and clocks advance by a step a call. Then, for each of N pause points, chosen over the whole run: runs it to there, takes a snapshot, ends that process, recovers in a new one and lets it run to the end.

Output, exit code, files and the state before the last instruction must be those of the untouched run. Each point where they are not is listed with the command that tries just that point again. Directories given by --dir are copied for each run and never written to.

Every run has the plugins of this shell: those that wasmsh comes with, and what --plugin or "plugin load" has loaded.

With --engine both, a recovered guest runs in compiled code first, is stopped at a stable point, stored again, and goes on in the interpreter. The state before the last instruction is not compared then.

The exit code is 2 when a point failed.`,
  examples: [
    'verify primes.wasm',
    'verify primes.wasm --engine both',
    'verify tool.wasm --points 200 --seed 7 --dir data::/data -- in.txt',
  ],
  async run(session, input) {
    const { verify: start } = await import('../../core/verify/verify.js')
    const wanted = readOptions(input)
    const title = `Verifying ${input.required(0)}`
    return await withProgress(session.output, title, async (show) => {
      try {
        return await start(input.required(0), {
          ...wanted,
          plugins: pluginPaths(session),
          withoutPlugins: session.withoutPlugins,
          signal: session.signal,
          onProgress: ({ phase, done, total }) => {
            if (phase === 'points') show({ doneBytes: done, totalBytes: total })
          },
        })
      } catch (error) {
        session.throwIfInterrupted()
        throw error
      }
    })
  },
  render: (report, page) => renderVerification(report, page),
  status: (report) => (isProven(report) ? null : { code: exitCodes.user, by: 'wasmsh' }),
})

function readOptions(input: Arguments): VerifyOptions {
  const points = input.integer('points', 1)
  const seed = input.bigint('seed')
  const seeded = seed === undefined ? {} : { seed }
  const stdin = input.option('stdin')
  const at = input.options('at').map((text) => parseNumber(text, 'a position'))
  const engine = input.option('engine') ?? 'interp'
  if (engine !== 'interp' && engine !== 'both') {
    const hint = 'Give "interp" or "both", or leave --engine out.'
    throw usageError(input.command, `There is no engine "${engine}" here`, hint)
  }
  const clock = input.option('clock')
  return {
    ...readProgramOptions(input),
    ...readLimits(input),
    ...(clock === undefined ? {} : { deterministic: { clockNs: readClock(clock), ...seeded } }),
    ...(points === undefined ? {} : { points }),
    ...seeded,
    ...(engine === 'interp' ? {} : { engine }),
    ...(at.length === 0 ? {} : { at }),
    ...(stdin === undefined ? {} : { stdin: { file: stdin } }),
  }
}

/** Points where a snapshot says what it would lose are no failures: nothing was lost. */
function isProven(report: VerifyReport): boolean {
  return report.unstable.length === 0 && report.mismatches.length === 0
}

/** Formats what a verification found. */
export function renderVerification(report: VerifyReport, page: Page): string {
  const { theme } = page
  const lines = [
    `${printable(report.file)}: ${report.outcome} after ${count(report.instructions, 'instruction')}`,
  ]
  if (report.unstable.length > 0) {
    lines.push(theme.error('Two runs that were never paused differ already:'))
    lines.push(...differenceLines(report.unstable, page))
    return lines.join('\n')
  }
  const seconds = (report.elapsedMs / 1000).toFixed(1)
  lines.push(
    `${count(report.points, 'pause point')} (seed ${report.seed}, ${seconds} s): ${theme.good(`${report.passed} passed`)}, ${formatFailed(report, page)}`,
  )
  for (const { position, blockers } of report.blocked) {
    const named = blockers.map(({ resource, reason }) => `${resource}: ${reason}`).join('; ')
    lines.push(
      `${theme.warning('no snapshot')} before instruction ${position}: ${printable(named)}`,
    )
  }
  for (const mismatch of report.mismatches) {
    lines.push(`${theme.error('mismatch')} before instruction ${mismatch.position}`)
    lines.push(...differenceLines(mismatch.differences, page))
    lines.push(`  again: ${theme.command(mismatch.repeat.map(quoteWord).join(' '))}`)
  }
  return lines.join('\n')
}

function formatFailed(report: VerifyReport, page: Page): string {
  const failed = `${report.mismatches.length} failed`
  const blocked = report.blocked.length === 0 ? '' : `, ${report.blocked.length} without a snapshot`
  return (report.mismatches.length === 0 ? failed : page.theme.error(failed)) + blocked
}

function differenceLines(differences: readonly VerifyDifference[], page: Page): string[] {
  return differences.map(
    ({ aspect, expected, actual }) =>
      `  ${page.theme.heading(aspect)}: expected ${printable(expected)}, was ${printable(actual)}`,
  )
}
