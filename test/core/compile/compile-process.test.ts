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
import { rejectsCode } from '../../support/throws.js'
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

/** A compiler that notes its number, and is never done. */
const notes = 'echo $$ >"$0.new"; mv "$0.new" "$0.pid"\nexec sleep 60'

type Folder = Awaited<ReturnType<typeof folderWith>>

async function noted({ file }: Folder): Promise<string> {
  await until(() => existsSync(file('compiler.pid')))
  return readFileSync(file('compiler.pid'), 'utf8').trim()
}

function parentOf(pid: string): number {
  return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
}

function compileIn({ file }: Folder): Promise<void> {
  const files = { program: file('compiler'), module: file('empty.wasm'), directory: file('made') }
  const job = { twins: 'open', isQuick: false, target: null, hotLoops: [] } as const
  return compileInProcess({ ...job, ...files })
}

suite('compileInProcess', (test) => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`leaves no compiler and no file behind when it ends by ${signal}`, async () => {
      await using folder = await folderWith(notes, 0o700)
      const words = [folder.file('compiler'), folder.file('empty.wasm'), folder.file('made')]
      const parent = spawn(process.execPath, ['--import', 'tsx', worker, ...words])
      const compiler = await noted(folder)
      assert.ok(runs(compiler))

      parent.kill(signal)

      await until(() => !runs(compiler) && !existsSync(folder.file('made')))
    })
  }

  for (const [what, script, reason, end] of [
    ['its own process', notes, /^The process that compiles ended with SIGKILL$/, parentOf],
    ['the compiler', notes, /^The module does not compile: it ended with SIGKILL$/, Number],
  ] as const) {
    test(`says that ${what} was killed, and leaves no compiler behind`, async () => {
      await using folder = await folderWith(script, 0o700)
      const failed = rejectsCode('ERR_WASMSH_COMPILE_FAILED', () => compileIn(folder))
      const compiler = await noted(folder)
      process.kill(end(compiler), 'SIGKILL')
      assert.match((await failed).message, reason)
      await until(() => !runs(compiler))
    })
  }

  test('leaves no compiler behind that says what nobody understands', async () => {
    await using folder = await folderWith(notes.replace('exec', 'echo gibberish\nexec'), 0o700)
    await rejectsCode('ERR_WASMSH_COMPILE_FAILED', () => compileIn(folder))
    await until(() => !runs(readFileSync(folder.file('compiler.pid'), 'utf8').trim()))
  })

  test('says that the compiler cannot be started', async () => {
    await using folder = await folderWith('exit 0', 0o600)
    const { message } = await rejectsCode('ERR_WASMSH_COMPILE_FAILED', () => compileIn(folder))
    assert.is(message, `The compiler ${folder.file('compiler')} cannot be started: EACCES`)
  })
}, 20_000)
