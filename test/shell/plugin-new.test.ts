import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { checkout, runCli } from '../support/run-cli.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { openTestSession } from '../support/test-session.js'
import { rejectsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

/** Adds to the counter of the skeleton ten times, and exits with what it reads. */
const guest = `(module
  (import "two_words" "add" (func $add (param i32) (result i32)))
  (import "two_words" "read" (func $read (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (loop $again
      (drop (call $add (i32.const 3)))
      (br_if $again (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
    (call $exit (call $read))))`

suite('plugin new', (test) => {
  test('writes a package that keeps to the laws at once', async () => {
    await using folder = await temporaryDirectory()
    const at = join(folder.path, 'two-words')

    const made = await runCli(['plugin', 'new', at], { home: folder.path })
    assert.is(made.code, 0, made.stderr)
    assert.match(made.stdout, /^Wrote plugin two-words into .*:\n {2}README\.md\n {2}index\.js\n/)

    const tested = await runCli(['plugin', 'test', at], { home: folder.path })
    assert.is(tested.code, 0, tested.stdout)
    assert.match(tested.stdout, /two-words, state 1, 1 scene: \d+ passed, 0 failed/)
  })

  test('writes code that the compiler finds no fault with', async () => {
    await using folder = await temporaryDirectory()
    const at = join(folder.path, 'kv')
    await runCli(['plugin', 'new', at], { home: folder.path })
    const modules = join(folder.path, 'node_modules')
    mkdirSync(modules)
    symlinkSync(join(checkout, 'node_modules', '@types'), join(modules, '@types'))
    const compiler = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc')
    const paths = {
      wasmsh: [join(checkout, 'src/index.ts')],
      'wasmsh/testing': [join(checkout, 'src/testing.ts')],
    }
    const own = JSON.parse(readFileSync(join(checkout, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: object
    }
    const compilerOptions = { ...own.compilerOptions, allowJs: true, checkJs: true, paths }
    writeFileSync(
      join(folder.path, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['kv'] }),
    )

    try {
      execFileSync(process.execPath, [compiler, '-p', folder.path], { stdio: 'pipe' })
    } catch (error) {
      assert.unreachable(String((error as { stdout?: unknown }).stdout))
    }
  })

  test('writes a plugin whose counter survives a recovery', async () => {
    await using t = await openTestSession([])
    await t.line(`plugin new ${t.folder}/two-words`)
    await t.line(`plugin load ${t.folder}/two-words`)
    const file = join(t.folder, 'adder.wasm')
    writeFileSync(file, await compileWat(guest))
    await t.line(`run ${file} --name adder --pause-at 40`)
    assert.match(await t.line('two-words'), /^12 after 4 calls$/)
    await t.line('set two-words.value = 112')
    await t.line('snapshot here')
    await t.line('kill')

    assert.match(await t.line('two-words --guest snapshot:here'), /^112 after 4 calls$/)
    assert.match(await t.line('recover here --name again'), /again ended, exit code 130/)
  })

  test('refuses a folder that is not empty, and a name that is none', async () => {
    await using t = await openTestSession([])
    mkdirSync(join(t.folder, 'full'))
    writeFileSync(join(t.folder, 'full', 'mine.txt'), 'mine')

    await rejectsCode('ERR_WASMSH_PLUGIN_FOLDER', () => t.line(`plugin new ${t.folder}/full`))
    await rejectsCode('ERR_WASMSH_PLUGIN_NAME', () => t.line(`plugin new ${t.folder}/Full`))
    mkdirSync(join(t.folder, 'empty'))
    await t.line(`plugin new ${t.folder}/empty`)
    await rejectsCode('ERR_WASMSH_PLUGIN_FOLDER', () => t.line(`plugin new ${t.folder}/empty`))
  })
}, 60_000)
