/** A run with so many operations that whatever is kept of each shows. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { openShell } from '../../src/index.js'
import { churn } from '../support/churn-guest.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { compileWat } from '../support/wat.js'

const mebibyte = 1024 * 1024
const logLimit = 4 * mebibyte
/** Less than the names of a million operations. */
const flat = 64 * mebibyte

/** Runs a guest that makes and removes files, and looks at what the shell has kept in the end. */
export async function runsInFlatMemory(files: number): Promise<void> {
  await using folder = await temporaryDirectory()
  const data = join(folder.path, 'data')
  mkdirSync(data)
  const shell = await openShell({ home: join(folder.path, 'store') })
  try {
    const dirs = [{ host: data, guest: '/data' }]
    const guest = await shell.run(await compileWat(churn(files)), {
      dirs,
      stdout: 'null',
      logLimitBytes: logLimit,
    })
    const operations = BigInt(3 * files)
    // From where what is made once is there.
    while ((guest.log?.info().next ?? 0n) < operations / 10n) await turn()
    const before = process.memoryUsage().rss
    // JavaScript gets its turns while operations come in.
    let turns = 0
    while (guest.state === 'running') {
      await turn()
      turns++
    }
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
    const grown = process.memoryUsage().rss - before
    assert.ok(grown < flat, `${grown} bytes more`)
    assert.ok(turns > 10, `${turns} turns`)
    const { next = 0n, bytes = 0n } = guest.log?.info() ?? {}
    assert.is(next, operations + 1n)
    assert.ok(bytes <= BigInt(logLimit + mebibyte), `${bytes} bytes of log`)
  } finally {
    await shell.close()
  }
}

/** Lets everything else that waits have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
