import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const synchronous = ['mkdirSync', 'renameSync', 'rmSync', 'unlinkSync', 'writeFileSync'] as const
const asynchronous = ['mkdir', 'rename', 'rm', 'unlink', 'writeFile'] as const

type Call = (...args: never[]) => unknown

/**
 * Lets Node change a number of files and names, and refuses all that comes later: what is on the disk
 * then is what the death of the process at that moment would have left. For a process of its own.
 */
export class FailingDisk {
  #left: number
  readonly #undo: (() => void)[] = []

  /** @param change the first that fails, from 1 */
  constructor(change: number) {
    this.#left = change - 1
    const calls = fs as unknown as Record<string, Call>
    const promises = fs.promises as unknown as Record<string, Call>
    for (const name of synchronous) this.#replace(calls, name, (call) => this.#checked(call))
    for (const name of asynchronous) this.#replace(promises, name, (call) => this.#rejecting(call))
    this.#replace(promises, 'open', (open) => this.#opening(open))
    syncBuiltinESMExports()
  }

  get hasFailed(): boolean {
    return this.#left < 0
  }

  restore(): void {
    for (const undo of this.#undo) undo()
    syncBuiltinESMExports()
  }

  #change(): void {
    this.#left--
    if (this.#left < 0) throw Object.assign(new Error('The disk is gone'), { code: 'EIO' })
  }

  #replace(owner: Record<string, Call>, name: string, wrap: (call: Call) => Call): void {
    const call = owner[name]
    if (call === undefined) throw new Error(`${name} is not there`)
    owner[name] = wrap(call.bind(owner))
    this.#undo.push(() => {
      owner[name] = call
    })
  }

  #checked(call: Call): Call {
    return (...args) => {
      this.#change()
      return call(...args)
    }
  }

  #rejecting(call: Call): Call {
    return async (...args) => {
      this.#change()
      return await call(...args)
    }
  }

  /** A file that is created, and what is written to it, are two changes. */
  #opening(open: Call): Call {
    return async (...args: readonly unknown[]) => {
      const isNew = String(args[1]).includes('w')
      if (isNew) this.#change()
      const file = (await open(...(args as never[]))) as Record<string, Call>
      if (isNew) {
        const write = file['writeFile']
        if (write !== undefined) file['writeFile'] = this.#rejecting(write.bind(file))
      }
      return file
    }
  }
}
