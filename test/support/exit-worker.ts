/** Ends this process in one of many ways while guests run: node exit-worker.ts WAY HOME. */
import { openShell } from '../../src/index.js'
import { copier, spinner } from './guests.js'
import { compileWat } from './wat.js'

const [way, home] = process.argv.slice(2)
const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const
const shell = await openShell({ home: home ?? '' })
const module = await compileWat(spinner)
for (let count = 0; count < 3; count++) await shell.run(module, quiet)
await shell.run(await compileWat(copier))
const parked = await shell.run(module, { ...quiet, paused: true })

switch (way) {
  case 'exit':
    process.exit(5)
    break
  case 'error':
    throw new Error('on purpose')
  case 'term':
    process.kill(process.pid, 'SIGTERM')
    break
  case 'close':
    await shell.close()
    break
  case 'wait':
    // Nothing but the wait itself keeps the process alive.
    shell.guests().at(-2)?.stdin?.end()
    parked.resume()
    setTimeout(() => void parked.kill(), 100)
    await parked.wait()
    await shell.close()
    process.exitCode = 6
}
