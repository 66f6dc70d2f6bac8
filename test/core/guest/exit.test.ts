/** However a process ends, it ends at once and with its own exit code, whatever guests do. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

const worker = fileURLToPath(new URL('../../support/exit-worker.ts', import.meta.url))

async function ending(way: string): Promise<string> {
  await using folder = await temporaryDirectory()
  const child = spawn(process.execPath, ['--import', 'tsx', worker, way, folder.path], {
    stdio: 'ignore',
  })
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}

suite('a process with guests', (test) => {
  const cases: readonly [string, string][] = [
    ['exit', 'exit code 5'],
    ['error', 'exit code 1'],
    ['term', 'SIGTERM'],
    ['close', 'exit code 0'],
    ['wait', 'exit code 6'],
    ['terminate', 'exit code 7'],
  ]
  for (const [way, expected] of cases) {
    test(`that ends by ${way} ends with ${expected}`, async () => {
      assert.is(await ending(way), expected)
    })
  }
}, 60_000)
