import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { checkout } from '../support/cli-command.js'
import { runCli } from '../support/run-cli.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { Terminal } from '../support/terminal.js'
import { compileWat } from '../support/wat.js'

const limitMs = 120_000

suite(
  'the tour',
  (test) => {
    test('runs to its end without a terminal and leaves nothing behind', async () => {
      await using folder = await temporaryDirectory()
      const temporary = `${folder.path}/tmp`
      await mkdir(temporary)
      const env = { HOME: folder.path, XDG_DATA_HOME: '', TMPDIR: temporary }
      const result = await runCli(['--start'], { home: '', env })
      assert.is(result.code, 0, result.stderr)
      assert.is(result.stderr, '')
      assert.match(result.stdout, 'wasmsh> snapshot tour')
      assert.is(result.stdout.split('17 primes up to 60\n').length, 3, result.stdout)
      assert.equal(await readdir(temporary), [])
      assert.not(existsSync(`${folder.path}/.local`))
    })

    test('waits for Enter at each step on a terminal, and ends at the prompt', async () => {
      await using folder = await temporaryDirectory()
      await using terminal = new Terminal(['--start'], { env: { WASMSH_HOME: folder.path } })
      await terminal.until(/Press Enter for a tour/)
      terminal.type('\r')
      const tour = await readFile(`${checkout}examples/tour.wsh`, 'utf8')
      const steps = tour.split('\n').filter((line) => !/^(#|echo|$)/.test(line))
      for (const step of steps) {
        await terminal.until(`wasmsh> ${step.slice(0, 30)}`)
        terminal.type('\r')
      }
      await terminal.until(/The prompt is yours\.\n.*> $/)
      assert.not.match(terminal.raw, /Warning/)
      terminal.type('\u0004')
      assert.is(await terminal.exit(), 0)
    })

    test('can be declined', async () => {
      await using folder = await temporaryDirectory()
      await using terminal = new Terminal(['--start'], { env: { WASMSH_HOME: folder.path } })
      await terminal.until(/Press Enter for a tour/)
      terminal.type('n\r')
      await terminal.until(/\nwasmsh> $/)
    })

    test('has a guest that is what its source says', async () => {
      const source = await readFile(`${checkout}examples/primes.wat`, 'utf8')
      const binary = await readFile(`${checkout}examples/primes.wasm`)
      assert.equal(new Uint8Array(await compileWat(source)), new Uint8Array(binary))
    })
  },
  limitMs,
)
