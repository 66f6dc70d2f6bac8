import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { openShell, type Shell } from '../../src/core/shell.js'
import type { RunOptions } from '../../src/index.js'
import { FakeEngine, fakeModule, nativeError } from '../support/fake-native.js'
import { suite } from '../support/suite.js'
import { rejectsCode, throwsCode } from '../support/throws.js'

const silent = { stdin: 'null', stdout: 'null', stderr: 'null' } as const
const bytes = Uint8Array.from([0, 97, 115, 109])

interface Bench extends AsyncDisposable {
  readonly engine: FakeEngine
  readonly shell: Shell
  readonly folder: string
}

async function bench(): Promise<Bench> {
  const engine = new FakeEngine()
  const folder = mkdtempSync(join(tmpdir(), 'wasmsh-test-'))
  const shell = await openShell({ home: join(folder, 'store'), binding: engine.binding() })
  const dispose = async (): Promise<void> => {
    await shell.close()
    rmSync(folder, { recursive: true })
  }
  return { engine, shell, folder, [Symbol.asyncDispose]: dispose }
}

/** Starts a guest of the fake and lets it begin. */
async function start({ engine, shell }: Bench, options: RunOptions = {}) {
  const running = shell.run(bytes, { ...silent, file: 'folder/calc.wasm', ...options })
  const id = engine.started.length + 1
  while (engine.started.length < id) await new Promise((done) => setImmediate(done))
  await engine.say({ guest: id, kind: 'started' })
  if (options.paused === true) await engine.park(id, 'entry')
  return await running
}

suite('Shell.pause', (test) => {
  const armings = ({ engine }: Bench) => engine.calls.filter((call) => call.startsWith('pause'))
  const resumes = ({ engine }: Bench) => engine.calls.filter((call) => call.startsWith('resume'))
  const end = (guest: { readonly id: number }) =>
    ({ guest: guest.id, kind: 'ended', code: 0, results: [], position: null }) as const

  test('tells all guests that run with one call and leaves the others as they are', async () => {
    await using b = await bench()
    const standing = await start(b, { paused: true })
    const [first, second] = [await start(b), await start(b)]
    let isDone = false

    const pausing = b.shell.pause([first, standing, second, first]).then(() => {
      isDone = true
    })
    assert.equal(armings(b), [`pause ${first.id},${second.id}`])
    await b.engine.park(first.id)
    assert.is(isDone, false)
    await b.engine.park(second.id)
    await pausing

    assert.equal([first.state, second.state, standing.state], ['paused', 'paused', 'paused'])
    assert.is(standing.reason, 'entry')
  })

  test('asks for nothing when all stand still, or there are none', async () => {
    await using b = await bench()
    const standing = await start(b, { paused: true })

    await b.shell.pause([])
    await b.shell.pause([standing, standing])

    assert.equal(armings(b), [])
  })

  test('refuses an ended guest as it does itself, before any other is told', async () => {
    await using b = await bench()
    const [first, second] = [await start(b), await start(b)]
    await b.engine.say(end(second))
    const alone = await rejectsCode('ERR_WASMSH_GUEST_ENDED', () => second.pause())

    const thrown = await rejectsCode('ERR_WASMSH_GUEST_ENDED', () => b.shell.pause([first, second]))

    assert.is(thrown.message, alone.message)
    assert.equal(armings(b), [])
    assert.is(first.state, 'running')
  })

  test('refuses what is no guest of the shell, before any guest is told', async () => {
    await using b = await bench()
    const guest = await start(b)

    for (const unknown of ['calc', undefined, { state: 'running', id: guest.id }]) {
      await rejectsCode('ERR_WASMSH_GUEST_UNKNOWN', () => b.shell.pause([guest, unknown as never]))
    }

    assert.equal(armings(b), [])
  })

  test('lets the others go on when one ends meanwhile, but not who stood still before', async () => {
    await using b = await bench()
    const standing = await start(b, { paused: true })
    const [first, second] = [await start(b), await start(b)]

    const pausing = b.shell.pause([standing, first, second])
    const checked = rejectsCode('ERR_WASMSH_GUEST_ENDED', () => pausing)
    await b.engine.park(first.id)
    await b.engine.say(end(second))
    await checked

    assert.equal(resumes(b), [`resume ${first.id} `])
    assert.equal([standing.state, first.state], ['paused', 'running'])
  })

  test('with skipEnded pauses those that live', async () => {
    await using b = await bench()
    const [before, meanwhile, first] = [await start(b), await start(b), await start(b)]
    await b.engine.say(end(before))

    const pausing = b.shell.pause([before, meanwhile, first], { skipEnded: true })
    await b.engine.say(end(meanwhile))
    await b.engine.park(first.id)
    await pausing

    assert.equal([before.state, meanwhile.state, first.state], ['ended', 'ended', 'paused'])
    assert.equal(resumes(b), [])
  })
})

suite('Shell.run', (test) => {
  test('resolves once the guest runs, named by its file', async () => {
    await using b = await bench()

    const guest = await start(b)

    assert.is(guest.name, 'calc')
    assert.is(guest.state, 'running')
    assert.is(b.shell.guest('calc'), guest)
    assert.equal(b.engine.started[0]?.arguments, ['calc.wasm'])
    assert.equal(b.engine.started[0]?.environment, [])
  })

  test('gives a second guest of that name a number, and an ended one gives its name away', async () => {
    await using b = await bench()
    const first = await start(b)
    const second = await start(b)
    assert.is(second.name, 'calc-2')

    await b.engine.say({ guest: first.id, kind: 'ended', code: 0, results: [], position: null })
    const third = await start(b)

    assert.is(third.name, 'calc')
    assert.equal(
      b.shell.guests().map((guest) => guest.id),
      [second.id, third.id],
    )
  })

  test('with paused it resolves when the guest stands still', async () => {
    await using b = await bench()

    const guest = await start(b, { paused: true })

    assert.is(guest.state, 'paused')
    assert.is(guest.reason, 'entry')
  })

  test('throws what kept a guest from starting and does not list it', async () => {
    await using b = await bench()
    const running = b.shell.run(bytes, silent)
    while (b.engine.started.length === 0) await new Promise((done) => setImmediate(done))
    const error = { code: 'MEMORY_LIMIT', message: 'The module needs 2 pages', errno: 0 }
    await b.engine.say({ guest: 1, kind: 'failed', error })

    const thrown = await rejectsCode('ERR_WASMSH_MEMORY_LIMIT', () => running)

    assert.is(thrown.message, 'The module needs 2 pages')
    assert.equal(b.shell.guests(), [])
  })

  test('hands on what native code refuses', async () => {
    await using b = await bench()
    b.engine.loadError = nativeError('MODULE_INVALID', 'type mismatch at offset 12')

    const thrown = await rejectsCode('ERR_WASMSH_MODULE_INVALID', () =>
      b.shell.run(bytes, { ...silent, file: 'x.wasm' }),
    )

    assert.is(thrown.message, 'x.wasm: type mismatch at offset 12')
  })

  const refused: readonly [string, RunOptions, Parameters<typeof rejectsCode>[0]][] = [
    [
      'a missing host directory',
      { dirs: [{ host: '/no/such/place', guest: '/d' }] },
      'ERR_WASMSH_DIRECTORY_MISSING',
    ],
    [
      'a file as a directory',
      { dirs: [{ host: '/etc/passwd', guest: '/d' }] },
      'ERR_WASMSH_DIRECTORY_MISSING',
    ],
    ['an export that is not there', { invoke: 'ad' }, 'ERR_WASMSH_EXPORT_MISSING'],
    [
      'too few arguments of an export',
      { invoke: 'add', invokeArgs: ['1'] },
      'ERR_WASMSH_OPTION_INVALID',
    ],
    [
      'an argument of another type',
      { invoke: 'add', invokeArgs: ['x', '1'] },
      'ERR_WASMSH_EDIT_VALUE',
    ],
    ['a variable without a name', { env: { '': 'x' } }, 'ERR_WASMSH_OPTION_INVALID'],
    ['a NUL in an argument', { args: ['a\0b'] }, 'ERR_WASMSH_OPTION_INVALID'],
    ['a negative position', { pauseAt: -1n }, 'ERR_WASMSH_OPTION_INVALID'],
    ['a tiny stack', { stackBytes: 10 }, 'ERR_WASMSH_OPTION_INVALID'],
    [
      'a memory limit that is no number',
      { memoryLimitBytes: Number.NaN },
      'ERR_WASMSH_OPTION_INVALID',
    ],
    ['a clock out of range', { deterministic: { clockNs: -1n } }, 'ERR_WASMSH_OPTION_INVALID'],
    ['an input that is not there', { stdin: { file: '/no/such/file' } }, 'ERR_WASMSH_STREAM_FILE'],
    ['a directory as output', { stdout: { file: '/tmp' } }, 'ERR_WASMSH_STREAM_FILE'],
  ]
  for (const [what, options, code] of refused) {
    test(`refuses ${what}`, async () => {
      await using b = await bench()
      await rejectsCode(code, () => b.shell.run(bytes, { ...silent, ...options }))
      assert.equal(b.shell.guests(), [])
    })
  }

  test('names missing imports with their types, unless they are allowed', async () => {
    await using b = await bench()
    const one = {
      module: 'env',
      name: 'sensor',
      kind: 'function',
      type: '(func (param i32))',
      provided: false,
    } as const
    b.engine.module = fakeModule({ imports: [one] })

    const thrown = await rejectsCode('ERR_WASMSH_IMPORT_UNKNOWN', () => b.shell.run(bytes, silent))

    assert.match(thrown.message, /env\.sensor \(func \(param i32\)\)/)
    const guest = await start(b, { allowMissingImports: true })
    assert.is(guest.state, 'running')
  })

  test('passes values of an export by their bits', async () => {
    await using b = await bench()

    await start(b, { invoke: 'add', invokeArgs: ['-1', '1.5'] })

    assert.is(b.engine.started[0]?.entry, 'add')
    assert.equal(b.engine.started[0]?.entryArguments, [0xffffffffn, 0x3ff8000000000000n])
  })

  test('names a file that cannot be read', async () => {
    await using b = await bench()
    const file = join(b.folder, 'none.wasm')
    await rejectsCode('ERR_WASMSH_MODULE_FILE', () => b.shell.run(file))
    writeFileSync(file, bytes)
    assert.is((await b.shell.loadModule(file)).file, file)
  })
})

suite('Shell', (test) => {
  test('is one a process', async () => {
    await using _ = await bench()
    await rejectsCode('ERR_WASMSH_SHELL_OPEN', () => openShell())
  })

  test('suggests the guest that was meant', async () => {
    await using b = await bench()
    await start(b)

    const error = throwsCode('ERR_WASMSH_GUEST_UNKNOWN', () => b.shell.guest('clac'))

    assert.is(error.hint, 'Did you mean "calc"?')
  })

  test('close stops the engine and ends every guest', async () => {
    const b = await bench()
    const guest = await start(b)

    await b[Symbol.asyncDispose]()

    assert.is(guest.state, 'killed')
    assert.is(b.engine.calls.at(-1), 'stop')
    await rejectsCode('ERR_WASMSH_SHELL_CLOSED', () => b.shell.run(bytes))
  })

  test('keeps the latest 32 that have ended', async () => {
    await using b = await bench()
    for (let number = 0; number < 40; number++) {
      const guest = await start(b, { name: `g${number}` })
      await b.engine.say({ guest: guest.id, kind: 'ended', code: 0, results: [], position: null })
    }
    const names = b.shell.guests().map((guest) => guest.name)
    assert.ok(names.length <= 33)
    assert.is(names.at(-1), 'g39')
  })
})
