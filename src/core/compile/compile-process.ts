import { fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WasmshError } from '../errors.js'
import type { CompileJob, CompileNews, CompilePhase } from './compile-job.js'

export interface CompileWatch {
  /** Ends the compiler half-way; nothing is left then. */
  readonly signal?: AbortSignal | undefined
  /** Told what it is at, when there is something to compile. */
  readonly onPhase?: ((phase: CompilePhase) => void) | undefined
}

/** Beside this file, as TypeScript in a checkout and as JavaScript in a package. */
function childFile(): string {
  const own = fileURLToPath(import.meta.url)
  return fileURLToPath(new URL(`./compile-child${extname(own)}`, import.meta.url))
}

/**
 * Compiles a module in a process of its own, and waits for its end.
 *
 * @throws WasmshError ERR_WASMSH_COMPILE_FAILED, and the signal's reason
 */
export async function compileInProcess(job: CompileJob, watch: CompileWatch = {}): Promise<void> {
  const { signal, onPhase } = watch
  signal?.throwIfAborted()
  // A group of its own: what it has started ends with it.
  const child = fork(childFile(), { detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const stop = (): void => {
    if (child.pid === undefined) return
    try {
      // When the child has ended by itself, its compiler may not have.
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // None of them is left.
    }
  }
  const stopAtExit = (): void => {
    stop()
    rmSync(job.directory, { recursive: true, force: true })
  }
  process.once('exit', stopAtExit)
  signal?.addEventListener('abort', stop)
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => {
    complaint = `${complaint}${text}`.slice(-2000)
  })
  const received: { last?: CompileNews } = {}
  child.on('message', (message) => {
    const news = message as CompileNews
    received.last = news
    if ('phase' in news) onPhase?.(news.phase)
  })
  try {
    const ending = await new Promise<string>((resolve, reject) => {
      const fail = (error: Error): void => reject(notStarted(error))
      child.on('error', fail)
      child.once('close', (code, killed) => resolve(killed ?? `exit code ${code}`))
      child.send(job, (error) => {
        if (error !== null) fail(error)
      })
    })
    signal?.throwIfAborted()
    requireDone(received.last, ending, complaint)
  } finally {
    process.removeListener('exit', stopAtExit)
    signal?.removeEventListener('abort', stop)
    stop()
  }
}

function requireDone(news: CompileNews | undefined, ending: string, complaint: string): void {
  if (news !== undefined && 'done' in news) return
  if (news !== undefined && 'code' in news) throw new WasmshError(news.code, news.message)
  const said = complaint.trim().split('\n').at(-1) ?? ''
  throw new WasmshError(
    'ERR_WASMSH_COMPILE_FAILED',
    `The process that compiles ended with ${ending}${said === '' ? '' : `, saying: ${said}`}`,
  )
}

function notStarted(cause: NodeJS.ErrnoException): WasmshError {
  const reason = cause.code ?? cause.message
  return new WasmshError(
    'ERR_WASMSH_COMPILE_FAILED',
    `The process that compiles cannot be started: ${reason}`,
    { cause },
  )
}
