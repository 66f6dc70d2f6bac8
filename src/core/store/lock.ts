import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WasmshError } from '../errors.js'
import { removeFile, writing } from './durable-file.js'
import {
  formatIdentity,
  liveness,
  ownIdentity,
  type ProcessIdentity,
  parseIdentity,
} from './process-identity.js'

/** How long to wait for others by default, in milliseconds. */
const defaultPatienceMs = 30_000

/** How often to look whether those who are ahead still run, in milliseconds. */
const livenessCheckMs = 25

interface Contender {
  readonly file: string
  /** 0 while it is drawing its number. */
  readonly ticket: number
  readonly owner: ProcessIdentity
  readonly nonce: string
}

/**
 * A lock between processes: a directory in which every contender has an empty file that names it
 * and its ticket (Lamport's bakery algorithm). File names are never used twice, so the file of a
 * process that was killed can be removed by anybody at any time; a lock file with one fixed name
 * cannot be taken over without a race.
 *
 * File calls are synchronous: each is over sooner than a round trip through the thread pool, and
 * several are needed for every turn.
 */
export class Lock {
  readonly #directory: string
  readonly #own = ownIdentity()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * Runs `critical` while no other holder runs, in this process or another.
   * @param patienceMs how long to wait for others
   * @throws WasmshError STORE_LOCKED when another process keeps the lock for longer, STORE_WRITE
   */
  run<Result>(critical: () => Promise<Result>, patienceMs = defaultPatienceMs): Promise<Result> {
    // Contenders of this process need no files to queue up.
    const turn = this.#queue.then(() => this.#runAlone(critical, patienceMs))
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  async #runAlone<Result>(critical: () => Promise<Result>, patienceMs: number): Promise<Result> {
    const nonce = randomUUID()
    const own: string[] = []
    try {
      await writing(this.#directory, async () => {
        mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
        own.push(this.#enter(0, nonce))
        const others = this.#contenders()
        const ticket = 1 + Math.max(0, ...others.map((each) => each.ticket))
        own.push(this.#enter(ticket, nonce))
        // Only now: somebody who lists the directory meanwhile has to see one of the two.
        this.#leave(own.splice(0, 1))
        await this.#waitForTurn(ticket, nonce, patienceMs)
      })
      return await critical()
    } finally {
      this.#leave(own)
    }
  }

  #enter(ticket: number, nonce: string): string {
    const path = join(this.#directory, `${ticket}_${formatIdentity(this.#own)}_${nonce}`)
    closeSync(openSync(path, 'wx', 0o600))
    return path
  }

  #leave(files: readonly string[]): void {
    for (const file of files) removeFile(file)
  }

  async #waitForTurn(ticket: number, nonce: string, patienceMs: number): Promise<void> {
    const giveUpAt = performance.now() + patienceMs
    let checkAt = 0
    let free = 0
    // Twice in a row: one listing may miss both files of a contender that trades 0 for a ticket
    // while the directory is read, the next one cannot.
    while (free < 2) {
      const ahead = this.#contenders().filter((each) => isAhead(each, ticket, nonce))
      const [first] = ahead
      free = first === undefined ? free + 1 : 0
      if (first === undefined) continue
      if (performance.now() >= checkAt) {
        if (this.#buryDead(ahead)) continue
        checkAt = performance.now() + livenessCheckMs
      }
      if (performance.now() > giveUpAt) throw locked(first, this.#directory)
      // Who stands far behind need not look often.
      await delay(Math.min(50, ahead.length * (1 + Math.random() * 2)))
    }
  }

  #contenders(): readonly Contender[] {
    return readdirSync(this.#directory).flatMap((file) => parseContender(file) ?? [])
  }

  /** Removes the files of processes that do not run any more; says whether there were any. */
  #buryDead(contenders: readonly Contender[]): boolean {
    const dead = contenders.filter(({ owner }) => liveness(owner, this.#own) === 'dead')
    this.#leave(dead.map(({ file }) => join(this.#directory, file)))
    return dead.length > 0
  }
}

function isAhead(other: Contender, ticket: number, nonce: string): boolean {
  if (other.nonce === nonce) return false
  if (other.ticket !== ticket) return other.ticket < ticket
  return other.nonce < nonce
}

function parseContender(file: string): Contender | null {
  const parts = /^(\d{1,9})_(.+)_([0-9a-f-]{36})$/.exec(file)
  const owner = parseIdentity(parts?.[2] ?? '')
  if (parts === null || owner === null) return null
  return { file, ticket: Number(parts[1]), owner, nonce: parts[3] ?? '' }
}

function locked(holder: Contender, directory: string): WasmshError {
  const isHere = liveness(holder.owner) === 'alive'
  const who = isHere ? `process ${holder.owner.pid}` : 'a process of another container or machine'
  const hint = `If it does not run any more, remove ${join(directory, holder.file)}.`
  return new WasmshError(
    'ERR_WASMSH_STORE_LOCKED',
    `The store is in use by ${who}`,
    isHere ? {} : { hint },
  )
}
