/** The process that compiles one module: the pass and LLVM both take their time and memory, and LLVM
 *  ends its process when it fails. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { instrument } from '../aot/instrument.js'
import { type ErrorCode, fromNative, WasmshError } from '../errors.js'
import { writing } from '../store/durable-file.js'
import { type CompileJob, type CompileNews, compilePhases, outputs } from './compile-job.js'

/** What the compiler's exit status says when it is neither its own nor the module's fault. */
const fileErrors: Readonly<Record<number, ErrorCode>> = {
  4: 'ERR_WASMSH_STORE_WRITE',
  5: 'ERR_WASMSH_STORE_FULL',
}

const say = (news: CompileNews): void => void process.send?.(news)

async function compile(job: CompileJob): Promise<void> {
  const { program, module, directory, twins, target, isQuick, hotLoops } = job
  say({ phase: 'prepare' })
  const standIns = typeof twins !== 'string'
  const suspendable = instrument(await readFile(module), { twins, standIns })
  const input = join(directory, 'suspendable.wasm')
  const places = join(directory, 'places.bin')
  const hot = join(directory, 'hot.txt')
  const traps = join(directory, outputs.traps)
  await writing(directory, async () => {
    await writeFile(input, suspendable.bytes)
    await writeFile(places, suspendable.places)
    await writeFile(hot, hotLoops.map((loop) => `${loop.function} ${loop.point}\n`).join(''))
    await writeFile(join(directory, outputs.points), suspendable.points)
    await writeFile(join(directory, outputs.build), JSON.stringify(suspendable.build))
    // Twins run but for a moment: where they trap is not told.
    if (standIns) await writeFile(traps, '')
  })
  const { firstTwin, importedFunctions, addedImports } = suspendable.build
  await runCompiler(program, [
    ...(standIns
      ? [`--stand-ins=${firstTwin - importedFunctions - addedImports}`]
      : [`--places=${places}`, `--traps=${traps}`]),
    `--target=${target ?? 'native'}`,
    ...(hotLoops.length === 0 ? [] : [`--hot-loops=${hot}`]),
    ...(isQuick ? ['--level=0'] : []),
    `--output=${join(directory, outputs.code)}`,
    input,
  ])
  await rm(input)
  await rm(places)
  await rm(hot)
}

async function runCompiler(program: string, options: readonly string[]): Promise<void> {
  const child = spawn(program, ['--progress', ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  orphaned.signal.addEventListener('abort', () => child.kill('SIGKILL'))
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-2000)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { phase } = JSON.parse(line) as { readonly phase?: string }
    const known = compilePhases.find((one) => one === phase)
    if (known !== undefined) say({ phase: known })
  })
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const message = `The compiler ${program} cannot be started: ${error.code ?? error.message}`
      reject(new WasmshError('ERR_WASMSH_COMPILE_FAILED', message))
    })
    child.once('close', (...ending) => resolve(ending))
  })
  if (status === 0) return
  const said = complaint.trim().split('\n').at(-1)
  const fileError = status === null ? undefined : fileErrors[status]
  if (fileError !== undefined && said) throw new WasmshError(fileError, said)
  const reason = said || `it ended with ${signal ?? `exit code ${status}`}`
  throw new WasmshError('ERR_WASMSH_COMPILE_FAILED', `The module does not compile: ${reason}`)
}

/** Whoever asked has gone, perhaps without a chance to tidy up. */
const orphaned = new AbortController()

process.once('message', (message) => {
  const job = message as CompileJob
  process.once('disconnect', () => {
    orphaned.abort()
    if (!isOver) rmSync(job.directory, { recursive: true, force: true })
    process.exit(1)
  })
  let isOver = false
  void compile(job)
    .then(() => say({ done: true }))
    .catch((error: unknown) => {
      const { code, message } = fromNative(error)
      say({ code, message })
    })
    .finally(() => {
      isOver = true
      process.disconnect?.()
    })
})
