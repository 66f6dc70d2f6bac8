/** Ends this process in one of many ways while guests run: node exit-worker.ts WAY HOME. */
import { once } from 'node:events'
import { parentPort, Worker } from 'node:worker_threads'
import { builtInPlugins, openShell } from '../../src/index.js'
import { copier, spinner } from './guests.js'
import { adding, asking, meter } from './meter.js'
import { compileWat } from './wat.js'

const [way, home] = process.argv.slice(2)
const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const
if (way === 'terminate') {
  // The guests are a worker's, whose environment is taken down while they run.
  // Node 20 hands no loader on to workers.
  const start = `import('tsx/esm/api').then(({ register }) => {
    register()
    return import(${JSON.stringify(import.meta.url)})
  })`
  const worker = new Worker(start, { eval: true, argv: ['inside', home ?? ''] })
  await once(worker, 'message')
  await worker.terminate()
  process.exit(7)
}
let asked: () => void = () => undefined
const isAsked = new Promise<void>((resolve) => {
  asked = resolve
})
const { plugin } = meter({
  ask: () => {
    asked()
    return new Promise(() => undefined)
  },
})
const shell = await openShell({ home: home ?? '', plugins: [...builtInPlugins, plugin] })
const module = await compileWat(spinner)
for (let count = 0; count < 3; count++) await shell.run(module, quiet)
// One that waits for a host function for ever, and one that is always in one.
await shell.run(await compileWat(asking), quiet)
await shell.run(await compileWat(adding(0xffffffff)), quiet)
await isAsked
await shell.run(await compileWat(copier))
const parked = await shell.run(module, { ...quiet, paused: true })

switch (way) {
  case 'inside':
    parentPort?.postMessage('ready')
    break
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
