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

  get(key: string, work: () => Promise<Result>): Promise<Result> {
    const known = this.#byKey.get(key)
    this.#byKey.delete(key)
    const kept = known ?? this.#begin(key, work)
    this.#byKey.set(key, kept)
    for (const [oldest] of this.#byKey) {
      if (this.#byKey.size <= this.most) break
      this.#byKey.delete(oldest)
    }
    return kept.promise
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
