import domain from 'node:domain'
import { PassThrough } from 'node:stream'
import vm from 'node:vm'
import { WasmshError } from '../core/errors.js'

/** Thrown for code that is not complete yet: more lines may make it so. */
export class IncompleteCode extends Error {
  constructor(readonly reason: SyntaxError) {
    super('Code is not complete')
  }
}

/** What the evaluator needs of the terminal: sync code runs with raw mode off, so that Ctrl-C is a
 *  signal which breaks it. */
export interface RawMode {
  readonly isRaw: boolean
  setRawMode(isRaw: boolean): unknown
}

type Completer = (
  line: string,
  answer: (error: Error | null, found: [string[], string]) => void,
) => void

type Pending = (error: unknown) => void

/**
 * Evaluates JavaScript with top-level await in a context of its own, which keeps declarations from
 * line to line. Node's REPL does that well and documents `eval`, so a REPL without a terminal is
 * the engine here, for scripts and for the prompt.
 */
export class Evaluator {
  readonly context: vm.Context
  readonly #server: import('node:repl').REPLServer
  readonly #completer: Completer
  readonly #close: () => void
  #pending: Pending | null = null
  #isBreaking = false
  #onInterrupt: () => void = () => {}
  #onStray: (error: unknown) => void = () => {}

  private constructor(repl: typeof import('node:repl'), rawMode: RawMode | null) {
    const errors = domain.create()
    const input = Object.assign(new PassThrough(), { isRaw: false, setRawMode: () => {} })
    Object.defineProperty(input, 'isRaw', { get: () => rawMode?.isRaw ?? false })
    Object.defineProperty(input, 'setRawMode', { value: (on: boolean) => rawMode?.setRawMode(on) })
    const output = new PassThrough()
    output.resume()
    const options = { input, output, terminal: false, prompt: '', useGlobal: false }
    // `domain` is an option of node:repl that its types leave out: errors thrown by code arrive
    // there instead of being printed.
    const withDomain = { ...options, breakEvalOnSigint: true, domain: errors }
    this.#server = repl.start(withDomain)
    // At a second SIGINT in a row this server would close.
    this.#close = this.#server.close.bind(this.#server)
    Reflect.set(this.#server, 'close', () => {})
    // A Ctrl-C at the very end of code that runs without a pause arrives here.
    this.#server.on('SIGINT', () => {
      if (!this.#isBreaking) this.#onInterrupt()
    })
    errors.removeAllListeners('error')
    errors.on('error', (error: unknown) => this.#fail(error))
    this.context = this.#server.context
    this.#completer = Reflect.get(this.#server, 'completer') as Completer
  }

  /** Loads node:repl on first use: scripts without JavaScript do not pay for it. */
  static async create(rawMode: RawMode | null): Promise<Evaluator> {
    const repl = await import('node:repl')
    return new Evaluator(repl, rawMode)
  }

  /** Says who is told of a Ctrl-C that the evaluation noticed first. */
  onInterrupt(listener: () => void): void {
    this.#onInterrupt = listener
  }

  /** Says who is told of errors that no evaluation waits for (thrown by a timer, say). */
  onStrayError(listener: (error: unknown) => void): void {
    this.#onStray = listener
  }

  /**
   * Evaluates code and resolves to the value of its last expression, awaited if the code awaits.
   *
   * @param file names the code in stack traces
   * @throws IncompleteCode when the code needs more lines; otherwise whatever the code throws
   */
  async evaluate(code: string, file: string, signal?: AbortSignal): Promise<unknown> {
    const { Recoverable } = await import('node:repl')
    const { promise, resolve, reject } = withResolvers<unknown>()
    this.#pending = reject
    // Breaks a pending await the way Ctrl-C does in Node's REPL.
    const abort = () => {
      this.#isBreaking = true
      this.#server.emit('SIGINT')
      this.#isBreaking = false
      reject(new WasmshError('ERR_WASMSH_INTERRUPTED', 'Interrupted'))
    }
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted === true) abort()
    try {
      const answer = (error: Error | null, value: unknown) => {
        if (error instanceof Recoverable) reject(new IncompleteCode(error.err as SyntaxError))
        else if (error !== null && error !== undefined) reject(error)
        else resolve(value)
      }
      if (signal?.aborted !== true)
        withoutInterruptListeners(() => {
          this.#server.eval(`${code}\n`, this.context, file, answer)
        })
      return await promise
    } catch (error) {
      if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error
      throw new WasmshError('ERR_WASMSH_INTERRUPTED', 'Interrupted', { cause: error })
    } finally {
      signal?.removeEventListener('abort', abort)
      if (this.#pending === reject) this.#pending = null
    }
  }

  /** Keeps a value as `_`, as Node's REPL does. */
  setLast(value: unknown): void {
    Object.defineProperty(this.context, '_', { value, writable: true, configurable: true })
  }

  /** Value of an expression, now; no await. For `${...}` in commands. */
  valueOf(expression: string): unknown {
    return vm.runInContext(`(${expression}\n)`, this.context)
  }

  /** Says whether a name has a meaning in the scope of the lines. */
  isDefined(name: string): boolean {
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return false
    try {
      return vm.runInContext(`typeof ${name} !== 'undefined'`, this.context) === true
    } catch {
      // Declared by const or let, but its initialisation threw.
      return true
    }
  }

  /** Completions for a line of JavaScript, and the part of the line that they replace. */
  complete(line: string): Promise<[string[], string]> {
    return new Promise((resolve) => {
      this.#completer(line, (error, found) => resolve(error === null ? found : [[], line]))
    })
  }

  close(): void {
    this.#close()
  }

  #fail(error: unknown): void {
    const pending = this.#pending
    if (pending === null) this.#onStray(error)
    else pending(error)
  }
}

/**
 * Runs code that Node's watchdog lets Ctrl-C break, with our SIGINT listeners away and back. The
 * watchdog of node:repl loses its handler when `vm` takes the listeners away below it, and leaves
 * the default action behind at its end: either way SIGINT ended the process (Node 20.20). Gone when
 * a SIGINT during `repl.eval('while (true) {}')` with a listener present is an error of the line.
 */
function withoutInterruptListeners(run: () => void): void {
  const listeners = process.listeners('SIGINT')
  process.removeAllListeners('SIGINT')
  try {
    run()
  } finally {
    for (const listener of listeners) process.on('SIGINT', listener)
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function withResolvers<Value>(): {
  promise: Promise<Value>
  resolve: (value: Value) => void
  reject: (error: unknown) => void
} {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}

/** Says whether text is one whole JavaScript expression (await allowed). */
export function isExpression(text: string): boolean {
  if (text.trim() === '') return false
  try {
    new vm.Script(`(async () => (${text}\n))`)
    return true
  } catch {
    return false
  }
}
