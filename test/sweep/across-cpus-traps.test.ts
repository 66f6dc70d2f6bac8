/** Traps in compiled code on other CPUs: where they happened has to be where the interpreter finds
 *  them, or unknown. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { sha256 } from '../../src/core/snapshot/snapshot-files.js'
import type { Shell } from '../../src/index.js'
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { CodeThere } from '../support/cross-compiled.js'
import { missingCpu, runHost } from '../support/cross-host.js'
import { openWithCode } from '../support/shell-with-code.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { trapProgram } from '../support/trap-cases.js'
import { compileWat } from '../support/wat.js'

interface Trap {
  readonly invoke: string
  readonly reason: string | null
  readonly function: number | null
  readonly pc: number | null
}

/** One of each kind: emulated, each guest takes seconds to lay its memory out. */
const invoked = [
  'unreachable in a branch',
  'i32.div_s by zero',
  'i32.load that is added',
  'a store in a loop',
  'a store far outside',
  'memory.fill',
  'memory.init',
  'table.fill',
  'a trap in what is called indirectly',
  'recursion without an end',
]

/** Whose place is not known, since the runtime's own functions raise them, or on riscv64, where the
 *  table of traps finds no access to memory. */
const placeless = {
  aarch64: /^(memory\.init|table\.fill)/,
  riscv64: /load|store|^(memory\.init|table\.fill|recursion)/,
} as const

async function trapsHere(shell: Shell, bytes: Uint8Array): Promise<readonly Trap[]> {
  const traps: Trap[] = []
  for (const invoke of invoked) {
    const guest = await shell.run(bytes, { invoke, stdin: 'null', allowMissingImports: true })
    guest.stdout?.resume()
    await guest.wait()
    const { reason = null, function: index = null, pc = null } = guest.trap ?? {}
    traps.push({ invoke, reason, function: index, pc })
    await guest.kill()
  }
  return traps
}

suite('a trap in compiled code on another CPU', (test) => {
  for (const cpu of ['aarch64', 'riscv64'] as const) {
    const missing = missingCpu(cpu) ?? (hasCompiler ? undefined : noCompiler)
    if (missing !== undefined) {
      test.skip(cpu, missing)
      continue
    }
    test(`is where the interpreter finds it, ${cpu}`, async () => {
      await using folder = await temporaryDirectory()
      const home = join(folder.path, 'store')
      const shell = await openWithCode(home)
      try {
        const bytes = await compileWat(trapProgram)
        const expected = await trapsHere(shell, bytes)
        const code = await CodeThere.make(shell, cpu, bytes, folder.path, { home })
        const file = join(folder.path, 'module.wasm')
        writeFileSync(file, bytes)

        const reports = await runHost(cpu, [
          `--sha256=${sha256(bytes)}`,
          `--compiled=${code.directory}`,
          ...invoked.map((invoke) => `--invoke=${invoke}`),
          file,
        ])

        const found = reports.map(({ trap, trapFunction, trapPc }, index) => {
          const invoke = invoked[index] ?? ''
          const inFunction = trapPc === null ? null : trapFunction
          return { invoke, reason: trap, function: inFunction, pc: trapPc }
        })
        const known = expected.map((trap) =>
          placeless[cpu].test(trap.invoke) ? { ...trap, function: null, pc: null } : trap,
        )
        assert.equal(found, known)
      } finally {
        await shell.close()
      }
    })
  }
}, 280_000)
