/** Machine code for other machines, that is put into their stores. */
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type CompileTarget, compileTargets, ownTarget } from '../../../src/core/compile/target.js'
import { openShell, type Shell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { counter } from '../../support/guests.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

/** As WAMR's loader compares it with the CPU that it runs on: behind the name of the architecture
 *  there may be a version. */
function architectureOf(code: Buffer): string {
  // Magic, version, the section's number and size; 32 bytes of numbers: AOTTargetInfo of WAMR.
  const name = code.subarray(16 + 32, 16 + 32 + 16)
  return name.toString('latin1').replace(/\0.*$/s, '')
}

/** How a run ends in compiled code, with no compiler at hand. */
async function runCompiled(home: string, bytes: Uint8Array): Promise<string> {
  const shell = await openShell({ home, compiler: join(home, 'none') })
  try {
    const guest = await shell.run(bytes, { engine: 'aot', stdin: 'null', paused: true })
    assert.is(guest.info().engine, 'aot')
    guest.resume()
    guest.stdout?.resume()
    const outcome = await guest.wait({ until: 'end' })
    return outcome.kind
  } finally {
    await shell.close()
  }
}

async function withShell<Result>(
  home: string,
  use: (shell: Shell) => Promise<Result>,
): Promise<Result> {
  const shell = await openShell({ home })
  try {
    return await use(shell)
  } finally {
    await shell.close()
  }
}

suite('compile for a target', (test) => {
  if (!hasCompiler) return test.skip('makes code for every CPU', noCompiler)

  test('makes code for every CPU, each once', async () => {
    await using folder = await temporaryDirectory()
    const bytes = await compileWat(counter(5))
    await withShell(folder.path, async (shell) => {
      const directories = new Set<string>()
      for (const target of compileTargets) {
        const report = await shell.compile(bytes, { target })
        assert.is(report.target, target)
        assert.is(report.isCached, false)
        directories.add(report.directory)
        const code = readFileSync(join(report.directory, 'code.aot'))
        assert.ok(architectureOf(code).startsWith(target), architectureOf(code))
        assert.is((await shell.compile(bytes, { target })).isCached, true)
      }
      directories.add((await shell.compile(bytes)).directory)
      assert.is(directories.size, compileTargets.length + 1)
    })
  })

  test('is refused in the API, too, when there is no such CPU', async () => {
    await using folder = await temporaryDirectory()
    const bytes = await compileWat(counter(5))
    await withShell(folder.path, async (shell) => {
      const target = 's390x' as CompileTarget
      await rejectsCode('ERR_WASMSH_COMPILE_TARGET', () => shell.compile(bytes, { target }))
    })
  })

  const own = ownTarget()
  if (own === undefined) return test.skip('goes to a machine without a compiler', 'no such CPU')

  test('goes to a machine without a compiler', async () => {
    await using here = await temporaryDirectory()
    await using there = await temporaryDirectory()
    const bytes = await compileWat(counter(5))
    const other = compileTargets.find((target) => target !== own) ?? own
    await withShell(here.path, async (shell) => {
      for (const target of [own, other]) await shell.compile(bytes, { target })
    })
    await rejectsCode('ERR_WASMSH_COMPILER_MISSING', () => runCompiled(there.path, bytes))

    cpSync(join(here.path, 'compiled'), join(there.path, 'compiled'), { recursive: true })

    assert.is(await runCompiled(there.path, bytes), 'ended')
  })

  test('is not what another CPU takes, nor another module', async () => {
    await using folder = await temporaryDirectory()
    const bytes = await compileWat(counter(5))
    const other = compileTargets.find((target) => target !== own) ?? own
    await withShell(folder.path, (shell) => shell.compile(bytes, { target: other }))
    await withShell(folder.path, async (shell) =>
      shell.compile(await compileWat(counter(6)), { target: own }),
    )

    await rejectsCode('ERR_WASMSH_COMPILER_MISSING', () => runCompiled(folder.path, bytes))
  })
}, 120_000)
