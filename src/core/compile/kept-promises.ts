interface Kept<Result> {
  readonly promise: Promise<Result>
  /** Once it is there. */
  result?: Result
}

/** The latest results of some work by key, so that it is done once, by whoever asks first. What has
 *  failed may be tried again. */
export class KeptPromises<Result> {
  readonly #byKey = new Map<string, Kept<Result>>()

  constructor(readonly most: number) {}

  /** The result of work that is done. */
  peek(key: string): Result | undefined {
    return this.#byKey.get(key)?.result
  }

  /**
   * Has the work done, or waits for somebody else's. Work ends, once it has cleaned up, when the signal
   * of who has begun it is aborted; others who wait for it then begin it again. Who did not begin it
   * stops waiting at once when his own signal is aborted.
   *
   * @throws the signal's reason, and what the work throws
   */
  async share(key: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    for (;;) {
      signal?.throwIfAborted()
      const others = this.#byKey.get(key)
      const kept = others ?? this.#begin(key, () => orGivenUp(work, signal))
      this.#use(key, kept)
      try {
        return await (others === undefined ? kept.promise : untilAborted(kept.promise, signal))
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof GivenUp)) throw error
      }
    }
  }

  /** It is the latest now. */
  #use(key: string, kept: Kept<Result>): void {
    this.#byKey.delete(key)
    this.#byKey.set(key, kept)
    for (const [oldest] of this.#byKey) {
      if (this.#byKey.size <= this.most) break
      this.#byKey.delete(oldest)
    }
  }

  #begin(key: string, work: () => Promise<Result>): Kept<Result> {
    const kept: Kept<Result> = { promise: work() }
    kept.promise.then(
      (result) => {
        kept.result = result
      },
      () => {
        if (this.#byKey.get(key) === kept) this.#byKey.delete(key)
      },
    )
    return kept
  }
}

/** Who had begun the work did not want it any more. */
class GivenUp extends Error {}

async function orGivenUp<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw signal?.aborted === true ? new GivenUp('given up', { cause: error }) : error
  }
}

async function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return await promise
  return await new Promise<Result>((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
