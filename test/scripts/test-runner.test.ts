import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { runTypeScriptTest } from '../../scripts/lib/typescript-tests.mjs'
import { suite } from '../support/suite.js'

const suiteModule = fileURLToPath(new URL('../support/suite.ts', import.meta.url))

/** Runs a test file with this body of a suite, or with this text alone. */
async function runFile(body: string, { alone = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'wasmsh-runner-'))
  const path = join(folder, 'x.test.mjs')
  const text = `import { suite } from ${JSON.stringify(suiteModule)}
    suite('s', (test) => { ${body} }, 300)`
  await writeFile(path, alone ? body : text)
  try {
    return await runTypeScriptTest(path, false)
  } finally {
    await rm(folder, { recursive: true })
  }
}

suite('runTypeScriptTest', (test) => {
  test('counts what passes, and names what fails with its error', async () => {
    const outcome = await runFile(
      `test('a', () => {}); test('b', () => { throw new Error('boom') }); test('c', () => {})`,
    )

    assert.is(outcome.passed, 2)
    assert.equal(outcome.failures, ['s: b: Error: boom'])
  })

  test('names skipped tests with their reason', async () => {
    const outcome = await runFile(`test('a', () => {}); test.skip('b', 'no network')`)

    assert.equal(outcome.skipped, ['s: b (no network)'])
    assert.equal(outcome.failures, [])
  })

  test('counts tests as failed that a crash left without a result', async () => {
    const outcome = await runFile(
      `test('a', () => {}); test('b', () => process.kill(process.pid, 'SIGKILL')); test('c', () => {})`,
    )

    assert.is(outcome.passed, 1)
    assert.is(outcome.failures.length, 2)
    assert.match(outcome.failures[0] ?? '', /was ended by SIGKILL/)
  })

  test('counts tests as failed that an early exit with status 0 left out', async () => {
    const outcome = await runFile(`test('a', () => process.exit(0)); test('b', () => {})`)

    assert.is(outcome.failures.length, 2)
  })

  test('fails a test that is over its time', async () => {
    const outcome = await runFile(
      `test('a', () => new Promise((resolve) => setTimeout(resolve, 5000)))`,
    )

    assert.equal(outcome.failures, ['s: a: Error: "a" took over 300 ms'])
  })

  test('fails a file that defines no suite', async () => {
    const outcome = await runFile('', { alone: true })

    assert.equal(outcome.failures, ['no suite was defined; the process ended with status 0'])
  })

  test('fails a suite without tests', async () => {
    const outcome = await runFile('')

    assert.is(outcome.passed, 0)
    assert.is(outcome.failures.length, 1)
  })

  test('fails a file that throws after its tests have passed', async () => {
    const outcome = await runFile(
      `test('a', () => { setTimeout(() => { throw new Error('late') }, 50) })`,
    )

    assert.is(outcome.passed, 1)
    assert.is(outcome.failures.length, 1)
    assert.match(outcome.output, /late/)
  })
}, 60_000)
