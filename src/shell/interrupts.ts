/**
 * Who is told of Ctrl-C, whether it came as a signal or as a key: whatever began last. A guest in
 * the foreground is paused by it, a waiting command is given up, a prompt clears its line.
 */
export class Interrupts {
  readonly #handlers: (() => void)[] = []

  /** Adds a handler in front of the others. Returns what takes it away again. */
  push(handler: () => void): () => void {
    this.#handlers.push(handler)
    return () => {
      const at = this.#handlers.lastIndexOf(handler)
      if (at >= 0) this.#handlers.splice(at, 1)
    }
  }

  /** Tells the handler that was added last. Returns false without one. */
  fire(): boolean {
    const handler = this.#handlers.at(-1)
    handler?.()
    return handler !== undefined
  }
}
