/** The package as its users have it: by wasmsh's public entry and its command line. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import wabt from 'wabt'
import { checkPlugin } from 'wasmsh/testing'
import plugin from '../dist/index.js'
import samples from '../dist/samples.js'

const here = fileURLToPath(new URL('..', import.meta.url))
const cli = fileURLToPath(new URL('dist/cli.js', import.meta.resolve('wasmsh/package.json')))

/** A machine: a folder with a store of its own. */
async function machine() {
  const folder = await mkdtemp(join(tmpdir(), 'key-value-'))
  const compiler = await wabt()
  const text = await readFile(join(here, 'guest', 'keeper.wat'), 'utf8')
  const module = compiler.parseWat('keeper.wat', text)
  await writeFile(join(folder, 'keeper.wasm'), module.toBinary({}).buffer)
  module.destroy()
  return {
    folder,
    /** Runs lines in a new process; gives what they print. */
    async wasmsh(...lines) {
      const args = ['--plugin', here, ...lines.flatMap((line) => ['-c', line])]
      const env = { ...process.env, NO_COLOR: '1', WASMSH_HOME: join(folder, 'store') }
      const run = promisify(execFile)(process.execPath, [cli, ...args], { cwd: folder, env })
      run.child.stdin.end()
      return (await run).stdout
    },
    remove: () => rm(folder, { recursive: true }),
  }
}

/** Runs to where the guest waits for "go". */
const start = [
  'run keeper.wasm --detach',
  "while (guest.info().hostCall !== 'kv.wait') await new Promise((next) => setTimeout(next, 5))",
]

test('keeps to the laws of plugins', async () => {
  const { results } = await checkPlugin(plugin, samples)

  assert.deepEqual(
    results.filter(({ status }) => status === 'failed'),
    [],
  )
})

test('a guest that waits for a key is moved to another machine and goes on there', async () => {
  const one = await machine()
  const other = await machine()

  const shown = await one.wasmsh(
    ...start,
    'pause',
    'kv',
    `snapshot waiting`,
    `export waiting ${join(other.folder, 'waiting.wsnap')}`,
  )
  assert.match(shown, /^color +blue +4 +1$/m)
  await one.remove()

  const printed = await other.wasmsh(
    'import waiting.wsnap',
    'recover waiting --paused',
    'set kv.go = Godot',
    'set kv.color = red',
    'resume',
  )
  assert.match(printed, /^Godot\nred\n/m)
  await other.remove()
})

test('a stored snapshot is looked at and changed', async () => {
  const one = await machine()

  const printed = await one.wasmsh(
    ...start,
    'snapshot waiting',
    'kill',
    'use snapshot:waiting',
    'kv color',
    'set --name ready kv.go = now',
    'recover ready',
  )

  assert.match(printed, /^kv\.go: none -> now in new snapshot ready$/m)
  assert.match(printed, /^now\nblue\n/m)
  await one.remove()
})

test('a snapshot that version 1 stored is recovered', async () => {
  const one = await machine()

  const printed = await one.wasmsh(
    `import ${join(here, 'test', 'fixtures', 'version-1.wsnap')} --name old`,
    'recover old --paused',
    'kv',
    'set kv.go = on',
    'resume',
  )

  assert.match(printed, /^color +blue +4 +0$/m)
  assert.match(printed, /^on\nblue\n/m)
  await one.remove()
})
