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
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
    const grown = process.memoryUsage().rss - before
    assert.ok(grown < flat, `${grown} bytes more`)
    const { next = 0n, bytes = 0n } = guest.log?.info() ?? {}
    assert.is(next, operations + 1n)
    assert.ok(bytes <= BigInt(logLimit + mebibyte), `${bytes} bytes of log`)
  } finally {
    await shell.close()
  }
}

/** Follows a guest that makes changes, without end, faster than they can be folded. */
export async function staysResponsive(operations: bigint): Promise<void> {
  await using folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store') })
  try {
    const module = await compileWat(`(module
      (import "wasi_snapshot_preview1" "fd_fdstat_set_flags"
        (func $set_flags (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (loop $again
          (drop (call $set_flags (i32.const 1) (i32.const 1)))
          (drop (call $set_flags (i32.const 1) (i32.const 0)))
          (br $again))))`)
    const guest = await shell.run(module, { stdout: 'null', logLimitBytes: logLimit })
    while ((guest.log?.info().next ?? 0n) < operations) await turn()
    await guest.pause()
    const { blockers } = guest.planSnapshot({}) // up to the last operation
    assert.equal(blockers, [])
    await guest.kill()
  } finally {
    await shell.close()
  }
}

/** Lets everything else that waits have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
