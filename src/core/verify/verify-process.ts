import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, isErrorCode, WasmshError } from '../errors.js'
import type { VerifyJob, VerifyResults } from './verify-types.js'

/** What the child process says: that it got on, any number of times, then its answer. */
export type VerifyAnswer =
  | { readonly result: VerifyResults[VerifyJob['kind']] }
  | { readonly code: ErrorCode; readonly message: string; readonly hint: string }

/** src/verify-child.ts in a checkout, a file beside this one in a package. */
function childFile(): string {
  const isSource = extname(fileURLToPath(import.meta.url)) === '.ts'
  const file = isSource ? '../../verify-child.ts' : './verify-child.js'
  return fileURLToPath(new URL(file, import.meta.url))
}

/**
 * Does one job in a new process and waits for its end.
 *
 * @throws WasmshError of the job; ERR_WASMSH_VERIFY_PROCESS when the process ends without an answer
 */
export async function inNewProcess<Kind extends VerifyJob['kind']>(
  job: Extract<VerifyJob, { kind: Kind }>,
  signal: AbortSignal | undefined,
  onTick: () => void = () => undefined,
): Promise<VerifyResults[Kind]> {
  signal?.throwIfAborted()
  const child = fork(childFile(), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const stop = (): void => {
    child.kill('SIGKILL')
  }
  signal?.addEventListener('abort', stop)
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => {
    complaint = `${complaint}${text}`.slice(-2000)
  })
  const received: { answer?: VerifyAnswer } = {}
  child.on('message', (message) => {
    if (Object.hasOwn(Object(message), 'tick')) onTick()
    else received.answer = message as VerifyAnswer
  })
  try {
    const ending = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, killed) => resolve(killed ?? `exit code ${code}`))
      child.send(job)
    })
    signal?.throwIfAborted()
    return resultOf<Kind>(received.answer, ending, complaint)
  } finally {
    signal?.removeEventListener('abort', stop)
    stop()
  }
}

function resultOf<Kind extends VerifyJob['kind']>(
  answer: VerifyAnswer | undefined,
  ending: string,
  complaint: string,
): VerifyResults[Kind] {
  if (answer === undefined) {
    const said = complaint.trim().split('\n').at(-1) ?? ''
    throw new WasmshError(
      'ERR_WASMSH_VERIFY_PROCESS',
      `The process that ran the guest ended with ${ending}${said === '' ? '' : `, saying: ${said}`}`,
    )
  }
  // The child answers the job that it was sent.
  if ('result' in answer) return answer.result as VerifyResults[Kind]
  const code = isErrorCode(answer.code) ? answer.code : 'ERR_WASMSH_INTERNAL'
  throw new WasmshError(code, answer.message, { hint: answer.hint })
}
