/** What npm makes of this checkout, installed as a stranger would, native build included. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { checkout } from '../support/cli-command.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const limitMs = 3_600_000

/** Runs a program to its end; fails with all that it said. */
async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1', WASMSH_HOME: join(cwd, 'store') }
  try {
    const options = { cwd, env, timeout: limitMs, maxBuffer: 2 ** 26 }
    return (await promisify(execFile)(program, args, options)).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

async function missingRegistry(): Promise<string | null> {
  try {
    await promisify(execFile)('npm', ['ping', '--fetch-retries=0'], { timeout: 60_000 })
    return null
  } catch {
    return 'the npm registry cannot be reached'
  }
}

const missing = await missingRegistry()

suite(
  'npm pack',
  (test) => {
    const title = 'makes a package that installs, builds and runs in an empty directory'
    if (missing !== null) {
      test.skip(title, missing)
      return
    }
    test(title, async () => {
      await using folder = await temporaryDirectory()
      const { path } = folder
      await run(checkout, 'npm', 'pack', '--pack-destination', path)
      const tarball = (await readdir(path)).find((name) => name.endsWith('.tgz')) ?? ''
      const at = join(path, 'stranger')
      await mkdir(at)
      await writeFile(join(at, 'package.json'), '{ "name": "stranger", "private": true }')
      await run(at, 'npm', 'install', '--no-audit', '--no-fund', join(path, tarball))

      const wasmsh = (...args: string[]): Promise<string> =>
        run(at, 'npx', '--no-install', 'wasmsh', ...args)
      assert.match(await wasmsh('-c', 'echo hello'), /^hello$/m)
      const primes = 'node_modules/wasmsh/examples/primes.wasm'
      assert.match(await wasmsh(primes), /\b97\b/)
      const lines = [`run ${primes} --pause-at 1000`, 'snapshot half', 'kill', 'recover half']
      assert.match(
        await wasmsh(...lines.flatMap((line) => ['-c', line])),
        /primes ended, exit code 0/,
      )
      assert.match(await wasmsh('plugin', 'new', 'shelf'), /shelf/)
    })
  },
  limitMs,
)
