import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./store-worker.ts', import.meta.url))

/** A process of its own that works on a store; see store-worker.ts for what it can do. */
export interface Worker {
  /** Resolves when it has printed a line; rejects when it ends before. */
  said(line: string): Promise<void>
  kill(): void
  /** Its exit code; null when it was killed. */
  ended(): Promise<number | null>
}

export function startWorker(task: string, args: readonly string[]): Worker {
  const child = spawn(process.execPath, ['--import', 'tsx', script, task, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = once(child, 'exit').then(([code]) => code as number | null)
  return {
    said: (line) => saidBy(child, line),
    kill: () => child.kill('SIGKILL'),
    ended: () => end,
  }
}

/** Runs several at once; all must end with 0. */
export async function runWorkers(
  count: number,
  task: string,
  args: readonly string[],
): Promise<void> {
  const workers = Array.from({ length: count }, () => startWorker(task, args))
  const codes = await Promise.all(workers.map((worker) => worker.ended()))
  const failed = codes.filter((code) => code !== 0).length
  if (failed > 0) throw new Error(`${failed} of ${count} workers failed`)
}

function saidBy(child: ChildProcess, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text += String(chunk)
      if (text.split('\n').includes(line)) resolve()
    })
    child.once('exit', () => reject(new Error(`A worker ended without "${line}": ${text}`)))
  })
}
