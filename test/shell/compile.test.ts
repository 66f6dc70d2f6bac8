/** The command `compile`, and what it leaves in the store. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { Compiler } from '../../src/core/compile/compiler.js'
import { loadNative } from '../../src/core/native.js'
import { storePaths } from '../../src/core/paths.js'
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { guestFolder } from '../support/guest-files.js'
import { counter, spinner, trapper } from '../support/guests.js'
import { jsonLines, runCli } from '../support/run-cli.js'
import { suite } from '../support/suite.js'
import { openTestSession, type TestSession } from '../support/test-session.js'
import { rejectsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

const shared = `(module (memory (export "memory") 1 1 shared)
  (func (export "_start") (loop $again (br_if $again (i32.load (i32.const 0))))))`

const trap = `(module (memory (export "memory") 1)
  (func (export "_start") (i32.store (i32.const 65536) (i32.const 1))))`

const endless = `(module (memory (export "memory") 1)
  (func $down (call $down) (nop))
  (func (export "_start") (call $down)))`

async function withModule(text = counter(5)): Promise<TestSession & { file: string }> {
  const session = await openTestSession([])
  const file = join(session.folder, 'module.wasm')
  writeFileSync(file, await compileWat(text))
  return { ...session, file }
}

function entries(session: TestSession): readonly string[] {
  const cache = join(session.folder, 'store', 'compiled')
  return existsSync(cache) ? readdirSync(cache) : []
}

suite('compile', (test) => {
  test('says what to install where there is no compiler', async () => {
    await using t = await withModule()
    const module = await t.shell.loadModule(t.file)
    const engine = loadNative().openEngine(() => undefined)
    try {
      const compiler = new Compiler(engine, storePaths(t.folder), [join(t.folder, 'none')])
      const { message, hint } = await rejectsCode('ERR_WASMSH_COMPILER_MISSING', () =>
        compiler.compile(module),
      )
      assert.match(message, /LLVM 19/)
      assert.match(hint, /npm run setup -- --compiler/)
    } finally {
      engine.stop()
    }
  })

  test('is not needed by --engine auto, which says that there is no compiler', async () => {
    await using t = await withModule()
    const module = await t.shell.loadModule(t.file)
    const engine = loadNative().openEngine(() => undefined)
    try {
      const compiler = new Compiler(engine, storePaths(t.folder), [join(t.folder, 'none')])
      const found = await compiler.find(module)
      assert.is(found.code === null && found.reason, 'no-compiler')
    } finally {
      engine.stop()
    }
  })

  test('refuses wrong arguments', async () => {
    await using t = await withModule()
    for (const line of ['compile', `compile ${t.file} ${t.file}`, `compile ${t.file} --cpu=x`]) {
      await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line(line))
    }
    await rejectsCode('ERR_WASMSH_MODULE_FILE', () => t.line(`compile ${t.folder}/none.wasm`))
    await rejectsCode('ERR_WASMSH_MODULE_FILE', () => t.line(`compile ${t.folder}`))
    const file = join(t.folder, 'text.wasm')
    writeFileSync(file, 'no module')
    await rejectsCode('ERR_WASMSH_MODULE_NOT_WASM', () => t.line(`compile ${file}`))
    assert.equal(entries(t), [])
  })

  test('names the CPUs that it makes code for when it is asked for another', async () => {
    await using t = await withModule()
    const messageFor = async (target: string): Promise<string> => {
      const line = `compile ${t.file} --target ${target}`
      return (await rejectsCode('ERR_WASMSH_COMPILE_TARGET', () => t.line(line))).message
    }
    const list = 'the targets are x86_64, aarch64 and riscv64'
    assert.is(await messageFor('sparc'), `There is no target "sparc"; ${list}`)
    assert.is(
      await messageFor('s390x'),
      `WAMR's loader has no relocations for s390x: guests run in the interpreter there; ${list}`,
    )
    assert.equal(entries(t), [])
  })

  if (!hasCompiler) return test.skip('fills the cache', noCompiler)

  test('fills the cache, once', async () => {
    await using t = await withModule()

    const first = await t.line(`compile ${t.file}`)
    const second = await t.line(`compile ${t.file}`)

    const sizes = String.raw`\S+ \S*B of machine code from \d+ B`
    assert.match(first, new RegExp(String.raw`/module\.wasm is compiled: ${sizes}, in \S+ m?s$`))
    assert.match(second, new RegExp(String.raw`/module\.wasm was compiled already: ${sizes}$`))
    assert.is(entries(t).length, 1)
  })

  test('gives JSON with what there is', async () => {
    await using t = await withModule()
    await t.line(`compile ${t.file}`)

    const answer = (await t.json(`compile ${t.file}`)) as { result: Record<string, unknown> }

    const module = await t.shell.loadModule(t.file)
    const [entry = ''] = entries(t)
    const code = readFileSync(join(t.folder, 'store', 'compiled', entry, 'code.aot'))
    const { elapsedMs, ...rest } = answer.result
    assert.type(elapsedMs, 'number')
    assert.equal(rest, {
      file: t.file,
      module: module.sha256,
      target: null,
      directory: join(t.folder, 'store', 'compiled', entry),
      isCached: true,
      moduleBytes: module.bytes.length,
      codeBytes: code.length,
      hotLoops: null,
    })
  })

  test('tells how many loops a profile calls hot', async () => {
    await using t = await withModule(counter(5000))
    const profile = join(t.folder, 'profile')
    await t.line(`run ${t.file} --profile ${profile}`)
    const line = await t.line(`compile ${t.file} --profile ${profile}`)
    assert.match(line, /^\S+ is compiled by a profile with 1 hot loop: /)
    await rejectsCode('ERR_WASMSH_PROFILE_FILE', () =>
      t.line(`compile ${t.file} --profile ${profile}.not`),
    )
  })

  test('leaves nothing for "run --engine aot" to compile', async () => {
    await using t = await withModule()
    await t.shell.compile(t.file)
    const phases: string[] = []

    const guest = await t.shell.run(t.file, {
      engine: 'aot',
      stdin: 'null',
      onCompile: (phase) => void phases.push(phase),
    })
    guest.stdout?.resume()
    await guest.wait()

    assert.is(guest.state, 'ended')
    assert.equal(phases, [])
  })

  test('--twins makes the code that guests run in, whatever was there', async () => {
    await using t = await withModule(spinner)
    await t.line(`compile ${t.file}`)
    await t.line(`compile ${t.file} --twins`)
    const guest = await t.shell.run(t.file, { engine: 'aot', stdin: 'null' })
    while (!guest.info().inCompiled) await setImmediate()
    await guest.pause()
    guest.resume()
    while (!guest.info().inCompiled) await setImmediate()
    await guest.kill()
    assert.equal(
      entries(t).filter((name) => name.includes('.')),
      [],
    )
  })

  test('makes damaged code anew', async () => {
    await using t = await withModule()
    await t.line(`compile ${t.file}`)
    const [entry = ''] = entries(t)
    const file = join(t.folder, 'store', 'compiled', entry, 'code.aot')
    writeFileSync(file, readFileSync(file).subarray(1))

    assert.match(await t.line(`compile ${t.file}`), / is compiled: /)
    assert.match(await t.line(`compile ${t.file}`), / was compiled already: /)
  })

  test('leaves nothing behind when it is given up', async () => {
    await using t = await withModule()
    const stop = new AbortController()
    const onPhase = (): void => stop.abort(new Error('enough'))

    await t.shell.compile(t.file, { signal: stop.signal, onPhase }).then(
      () => assert.unreachable('it was given up'),
      (error: unknown) => assert.is((error as Error).message, 'enough'),
    )

    assert.equal(entries(t), [])
    assert.equal(readdirSync(join(t.folder, 'store', 'tmp')), [])
    assert.is((await t.shell.compile(t.file)).isCached, false)
  })

  test('is given up by whoever interrupts "run --engine aot"', async () => {
    await using t = await withModule()
    const stop = new AbortController()
    const options = {
      engine: 'aot',
      compileSignal: stop.signal,
      onCompile: (): void => stop.abort(new Error('enough')),
    } as const

    await t.shell.run(t.file, options).then(
      () => assert.unreachable('it was given up'),
      (error: unknown) => assert.is((error as Error).message, 'enough'),
    )

    assert.equal(entries(t), [])
    assert.equal(readdirSync(join(t.folder, 'store', 'tmp')), [])
    assert.equal(t.shell.guests(), [])
  })

  test('refuses what cannot be run compiled, and says why', async () => {
    await using t = await withModule(shared)
    const { message } = await rejectsCode('ERR_WASMSH_UNSUPPORTED_FEATURE', () =>
      t.line(`compile ${t.file}`),
    )
    assert.match(message, /shared memories: .*module\.wasm/)
    assert.equal(entries(t), [])
  })

  test('is what "run --engine auto" takes, which else says why it interprets', async () => {
    await using t = await withModule()
    const reasons: string[] = []
    const run = async (): Promise<number> => {
      const guest = await t.shell.run(t.file, {
        engine: 'auto',
        stdin: 'null',
        onInterpreted: (reason, message) => void reasons.push(`${reason}: ${message}`),
      })
      guest.stdout?.resume()
      await guest.wait()
      // A trap in compiled code leaves no frames.
      assert.is(guest.state, 'trapped')
      const frames = guest.frames().length
      await guest.kill()
      return frames
    }
    writeFileSync(t.file, await compileWat(trap))

    assert.is(await run(), 1)
    assert.equal(reasons, [`not-compiled: ${t.file} has not been compiled`])
    await t.line(`compile ${t.file}`)
    assert.is(await run(), 0)
    assert.is(reasons.length, 1)

    writeFileSync(t.file, await compileWat(shared))
    await rejectsCode('ERR_WASMSH_UNSUPPORTED_FEATURE', () => t.shell.compile(t.file))
    const guest = await t.shell.run(t.file, {
      engine: 'auto',
      stdin: 'null',
      onInterpreted: (reason) => void reasons.push(reason),
    })
    guest.stdout?.resume()
    await guest.wait()
    assert.is(guest.state, 'ended')
    assert.is(reasons[1], 'refused')
  })

  test('of a guest that traps says where, and who called', async () => {
    await using folder = await guestFolder({ trap: trapper })
    const trapped = await runCli(['--engine', 'aot', folder.file('trap.wasm')], {
      home: folder.home,
    })
    assert.is(trapped.code, 125)
    assert.match(trapped.stderr, /trapped: unreachable at inner\+0x0\n {2}called from .*\+0x/)
  })

  test('of a guest that traps leaves to look at what there is', async () => {
    await using folder = await guestFolder({ trap: trapper, down: endless })
    const { home } = folder
    const shown = ['frames', 'disassemble', 'files'].flatMap((line) => ['-c', line])
    const trapped = await runCli(
      ['-c', `run ${folder.file('trap.wasm')} --engine aot`, ...shown, '-c', 'locals'],
      { home },
    )
    assert.match(trapped.stdout, 'No frames: a trap in compiled code leaves none.')
    assert.match(trapped.stdout, /inner \(function 0\):\n *=> +0x0+ +unreachable/)
    assert.match(trapped.stdout, /stdout/)
    assert.match(trapped.stderr, /^-c:1: error\[ERR_WASMSH_COMPILED_TRAP\]/)

    const down = await runCli(['--engine', 'aot', folder.file('down.wasm')], { home })
    assert.match(down.stderr, /call stack exhausted at down\+0x\d+\n.* and at least \d+ more\n$/)
  })

  test('stands on the command line, too', async () => {
    await using folder = await guestFolder({ count: counter(5) })
    const args = ['--json', 'compile', folder.file('count.wasm')]
    const results = []
    for (let time = 0; time < 2; time++) results.push(await runCli(args, { home: folder.home }))
    const answers = results.map(({ stdout }) => jsonLines(stdout)) as {
      result?: { isCached: boolean }
    }[][]
    assert.equal(
      answers.map(([answer]) => answer?.result?.isCached),
      [false, true],
    )
    assert.is((await runCli(['compile'], { home: folder.home })).code, 2)
    const auto = ['--engine=auto', folder.file('count.wasm')]
    assert.is((await runCli(auto, { home: folder.home })).stderr, '')
    const { stderr, code } = await runCli(auto, { home: folder.file('other') })
    assert.match(
      stderr,
      /^Begins in the interpreter: .* has not been compiled, which is done meanwhile$/m,
    )
    assert.is(code, 0)
  })
}, 120_000)
