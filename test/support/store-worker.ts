/** Tasks for processes of their own: `store-worker.ts TASK ARGUMENTS`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Lock } from '../../src/core/store/lock.js'
import { FailingDisk } from './failing-disk.js'
import { openStore, take, takeGroup } from './store-fixture.js'

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

  /** Replaces a group by another, and forgets every third. */
  async groups(home = '', times = '1') {
    const store = openStore(home)
    process.stdout.write('ready\n')
    for (let time = 0; time < Number(times); time++) {
      const guests = time % 2 === 0 ? ['a', 'b', 'c'] : ['b', 'd']
      await takeGroup(store, 'both', guests, { force: true, sync: time % 8 === 0 })
      if (time % 3 === 2) await store.forget('both')
    }
  },

  /** Does something with a group in store after store, "HOME/1" and so on, and loses its disk before
   *  one change later in each, until it gets through. */
  async steps(home = '', action = '') {
    for (let step = 1; ; step++) {
      const store = openStore(join(home, `${step}`))
      if (action !== 'take') await takeGroup(store, 'both', ['a', 'b'])
      // Of two groups with one name the younger is found, by milliseconds.
      for (const begun = Date.now(); Date.now() === begun; ) await setImmediate()
      const disk = new FailingDisk(step)
      const work =
        action === 'forget'
          ? store.forget('both')
          : takeGroup(store, 'both', ['b', 'c', 'd'], { force: true })
      await work.catch(() => undefined)
      disk.restore()
      if (!disk.hasFailed) return
    }
  },
}

const [task = '', ...args] = process.argv.slice(2)
await tasks[task]?.(...args)
