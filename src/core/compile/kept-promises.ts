/** The latest results of some work by key, so that it is done once, by whoever asks first. What has
 *  failed may be tried again. */
export class KeptPromises<Result> {
  readonly #byKey = new Map<string, Promise<Result>>()

  constructor(readonly most: number) {}

  get(key: string, work: () => Promise<Result>): Promise<Result> {
    const known = this.#byKey.get(key)
    this.#byKey.delete(key)
    const result = known ?? work()
    this.#byKey.set(key, result)
    if (known === undefined) {
      result.catch(() => {
        if (this.#byKey.get(key) === result) this.#byKey.delete(key)
      })
    }
    for (const [oldest] of this.#byKey) {
      if (this.#byKey.size <= this.most) break
      this.#byKey.delete(oldest)
    }
    return result
  }
}
