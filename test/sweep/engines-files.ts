import * as assert from 'uvu/assert'
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import type { Points, SweepProgram } from '../support/sweep-job.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { cProgram, goProgram } from '../support/toolchains.js'
import { defineEngineTests } from './engines.js'
import { cFileProgram, goFileProgram } from './file-programs.js'

interface Extent {
  /** Where the interpreter is left for compiled code. */
  readonly hostCalls: Points
  /** Random times at which compiled code is left. */
  readonly pauses: number
}

/** Defines tests in which programs that work on files are stored in one engine and go on in another,
 *  their files copied, or brought along. */
export async function defineFileEngineTests(
  { hostCalls, pauses }: Extent,
  { withGo = false } = {},
): Promise<void> {
  const c = await cProgram('filework')
  const go = withGo ? await goProgram('filework') : undefined
  suite('files in compiled code', (test) => {
    for (const [title, program, describe] of [
      ['a C program', c, cFileProgram],
      ['a Go program', go, goFileProgram],
    ] as const) {
      if (program === undefined) continue
      if (!hasCompiler || program.missing !== undefined) {
        test.skip(title, program.missing ?? noCompiler)
        continue
      }
      const described: SweepProgram = describe(program.module)
      test(`${title}, from interp to aot`, async () => {
        const result = await sweep({ ...described, toCompiled: true }, hostCalls)
        requireNoMismatch(title, result)
        assert.is(result.recoveries, 3 * result.points)
      })
      defineEngineTests(test, described, [{ from: 'aot', to: ['aot', 'interp'] }], pauses)
    }
  }, 3_600_000)
}
