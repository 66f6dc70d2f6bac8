/** Tasks for processes of their own: `store-worker.ts TASK ARGUMENTS`. */
import { readFile, writeFile } from 'node:fs/promises'
import { Lock } from '../../src/core/store/lock.js'
import { openStore, take } from './store-fixture.js'

const tasks: Readonly<Record<string, (...args: string[]) => Promise<void>>> = {
  /** Adds one to a file, many times: wrong without a lock. */
  async count(directory = '', counter = '', times = '1') {
    const lock = new Lock(directory)
    for (let time = 0; time < Number(times); time++) {
      await lock.run(async () => {
        const before = Number(await readFile(counter, 'utf8'))
        await writeFile(counter, `${before + 1}`)
      })
    }
  },

  /** Takes a lock and keeps it. */
  async hold(directory = '') {
    await new Lock(directory).run(async () => {
      process.stdout.write('holding\n')
      await new Promise((done) => setTimeout(done, 600_000))
    })
  },

  /** Takes snapshots; forgets every third. */
  async take(home = '', times = '1', name = 'calc') {
    const store = openStore(home)
    let base = ''
    process.stdout.write('ready\n')
    for (let time = 0; time < Number(times); time++) {
      const pages = new Map(Array.from({ length: 16 }, (_, page) => [page, time % 251] as const))
      const entry = await take(store, { pages, base, sync: time % 2 === 0, facts: {} })
      base = entry.id
      if (time % 3 === 2) await store.forget(entry.id)
      if (time === 0) process.stdout.write(`first ${name}\n`)
    }
  },
}

const [task = '', ...args] = process.argv.slice(2)
await tasks[task]?.(...args)
