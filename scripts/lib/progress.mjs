/** Says on stderr what set-up is doing: one line per step, with how long it took. */
export class Progress {
  #stepCount
  #step = 0
  #startMs = 0
  #detail = ''
  #text = ''

  /** @param {number} stepCount how many steps there are */
  constructor(stepCount) {
    this.#stepCount = stepCount
  }

  /** @param {string} text what is being done, e.g. "building native code" */
  begin(text) {
    this.#step++
    this.#startMs = performance.now()
    this.#text = `[${this.#step}/${this.#stepCount}] ${text} ...`
    process.stderr.write(this.#text)
    if (!process.stderr.isTTY) process.stderr.write('\n')
  }

  /** Shows how far the step is, on a terminal only. @param {string} text */
  detail(text) {
    if (!process.stderr.isTTY || text === this.#detail) return
    this.#detail = text
    process.stderr.write(`\r\x1b[K${this.#text} ${text}`)
  }

  /** Counts a step that has nothing to do. */
  skip() {
    this.#step++
  }

  end() {
    const result = `done, ${((performance.now() - this.#startMs) / 1000).toFixed(1)} s`
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${this.#text} ${result}\n`)
    else process.stderr.write(`      ${result}\n`)
    this.#detail = ''
  }
}
