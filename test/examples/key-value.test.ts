/** The example of a plugin stands on its own: built and tested with wasmsh's public entry only. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { installPackage } from '../support/installed-package.js'
import { checkout, runCli } from '../support/run-cli.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

async function node(cwd: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 120_000 })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`node ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

suite('examples/key-value', (test) => {
  test('is built, keeps to the laws and passes its tests', async () => {
    await using folder = await temporaryDirectory()
    const at = join(folder.path, 'key-value')
    installPackage('key-value', at, ['typescript', 'wabt', '@types/node', 'undici-types'])
    const { scripts } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as {
      scripts: Readonly<Record<string, string>>
    }
    assert.is(scripts['test'], 'wasmsh plugin test . && node --test test/')

    await node(at, 'node_modules/typescript/bin/tsc')
    const laws = await runCli(['plugin', 'test', at], { home: folder.path })
    assert.is(laws.code, 0, laws.stdout + laws.stderr)
    const tests = await node(at, '--test', 'test/')

    assert.match(tests, /^# pass 4$/m)
    assert.match(tests, /^# fail 0$/m)
  })

  test('depends on wasmsh by its public entry only', () => {
    const sources = ['command', 'index', 'samples', 'state', 'tracker']
    for (const source of sources) {
      const text = readFileSync(join(checkout, `examples/key-value/src/${source}.ts`), 'utf8')
      for (const [, from = ''] of text.matchAll(/from '([^']+)'/g)) {
        assert.ok(/^(?:\.\/\w+\.js|wasmsh|wasmsh\/testing)$/.test(from), `${source}.ts: ${from}`)
      }
    }
  })
}, 180_000)
