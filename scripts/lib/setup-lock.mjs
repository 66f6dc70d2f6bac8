import { createHash } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { root } from './paths.mjs'

/**
 * Holds this folder's set-up lock while `work` runs; waits for another holder first.
 *
 * The lock is a listening socket in Linux's abstract namespace: the kernel lets go of it when the
 * process ends in whatever way, so that no lock is ever left behind, and whoever waits is woken by
 * its connection being closed.
 *
 * @template Result
 * @param {() => Promise<Result>} work
 * @param {() => void} onWait called once if another process holds the lock
 * @returns {Promise<Result>}
 */
export async function withSetupLock(work, onWait) {
  const name = `\0wasmsh-setup-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`
  let server = await tryListen(name)
  if (server === null) onWait()
  while (server === null) {
    await untilReleased(name)
    server = await tryListen(name)
  }
  try {
    return await work()
  } finally {
    server.close()
    for (const socket of server.waiters) socket.destroy()
  }
}

/** Null when somebody else listens. */
function tryListen(name) {
  return new Promise((resolve, reject) => {
    const waiters = new Set()
    const server = createServer((socket) => {
      waiters.add(socket)
      socket.on('error', () => {}).on('close', () => waiters.delete(socket))
    })
    server.waiters = waiters
    server.on('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen(name, () => resolve(server))
  })
}

/** Resolves when the holder closes the connection or is gone already. */
function untilReleased(name) {
  return new Promise((resolve) => {
    connect(name).on('error', resolve).on('close', resolve).resume()
  })
}
