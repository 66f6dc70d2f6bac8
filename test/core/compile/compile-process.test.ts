import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { compileInProcess } from '../../../src/core/compile/compile-process.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

const worker = fileURLToPath(new URL('../../support/compile-worker.ts', import.meta.url))

/** A folder with a module, a program in the compiler's place, and a directory for what it makes. */
async function folderWith(script: string, mode: number) {
  const folder = await temporaryDirectory()
  const file = (name: string) => join(folder.path, name)
  await writeFile(file('compiler'), `#!/bin/sh\n${script}\n`, { mode })
  await writeFile(file('empty.wasm'), await compileWat('(module)'))
  await mkdir(file('made'))
  return { file, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(10)
}

/** Whether a process runs; one that has ended may not have been waited for yet. */
function runs(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

suite('compileInProcess', (test) => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`leaves no compiler and no file behind when it ends by ${signal}`, async () => {
      await using folder = await folderWith('echo $$ >"$0.pid"\nexec sleep 60', 0o700)
      const words = [folder.file('compiler'), folder.file('empty.wasm'), folder.file('made')]
      const parent = spawn(process.execPath, ['--import', 'tsx', worker, ...words])
      const written = (): string =>
        existsSync(folder.file('compiler.pid'))
          ? readFileSync(folder.file('compiler.pid'), 'utf8').trim()
          : ''
      await until(() => written() !== '')
      assert.ok(runs(written()))

      parent.kill(signal)

      await until(() => !runs(written()) && !existsSync(folder.file('made')))
    })
  }

  test('says that the compiler cannot be started', async () => {
    await using folder = await folderWith('exit 0', 0o600)
    const program = folder.file('compiler')
    const job = { twins: 'open', isQuick: false, target: null, hotLoops: [] } as const
    const files = { program, module: folder.file('empty.wasm'), directory: folder.file('made') }
    const error = await compileInProcess({ ...job, ...files }).catch((one: unknown) => one)
    assert.is((error as { code?: string }).code, 'ERR_WASMSH_COMPILE_FAILED')
    assert.is(String(error), `WasmshError: The compiler ${program} cannot be started: EACCES`)
  })
}, 20_000)
