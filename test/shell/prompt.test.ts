import { readFile, stat } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { type GuestFolder, guestFolder } from '../support/guest-files.js'
import { copier, counter, spinner, visitor } from '../support/guests.js'
import { suite } from '../support/suite.js'
import { Terminal } from '../support/terminal.js'

const limitMs = 60_000
const enter = '\r'
const ctrlC = '\u0003'
const ctrlD = '\u0004'

/** Computes without end, and writes "tick" now and then. */
const ticker = `(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\05\\00\\00\\00")
  (data (i32.const 16) "tick\\n")
  (func (export "_start") (local $i i32)
    (loop $again
      (if (i32.eqz (i32.and (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 0xfffff)))
        (then (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
      (br $again))))`

/** Says that it is ready, then copies its input to its output. */
const greeter = copier
  .replace(
    '(memory (export "memory") 1)',
    (memory) => `${memory} (data (i32.const 900) "ready\\n")`,
  )
  .replace(
    '(func (export "_start")',
    `(func (export "_start")
      (i32.store (i32.const 0) (i32.const 900))
      (i32.store (i32.const 4) (i32.const 6))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))`,
  )

async function openPrompt(folder: GuestFolder, args: readonly string[] = []): Promise<Terminal> {
  const terminal = new Terminal(args, { env: { WASMSH_HOME: folder.home } })
  await terminal.until(/> $/)
  return terminal
}

suite(
  'prompt',
  (test) => {
    test('runs commands and JavaScript, and goes on after errors', async () => {
      await using folder = await guestFolder({})
      await using terminal = await openPrompt(folder)
      terminal.type(`1 + 1${enter}`)
      await terminal.until(/\n2\nwasmsh> $/)
      terminal.type(`frmaes${enter}`)
      const error = await terminal.until(/hint: .*\nwasmsh> $/)
      assert.match(error, 'error[ERR_WASMSH_COMMAND_UNKNOWN]')
      terminal.type(`function f() {${enter}`)
      await terminal.until('... ')
      terminal.type(`return 'multi' + 'line' }${enter}f()${enter}`)
      await terminal.until(/'multiline'\nwasmsh> $/)
      terminal.type(`exit 5${enter}`)
      assert.is(await terminal.exit(), 5)
    })

    test('runs pasted lines one after the other', async () => {
      await using folder = await guestFolder({ count: counter(3) })
      await using terminal = await openPrompt(folder)
      const run = `run ${folder.file('count.wasm')} --pause-at 10`
      terminal.type(`${run}${enter}step${enter}step${enter}echo "the $\{'end'}"${enter}`)
      const text = await terminal.until(/\nthe end\nwasmsh count paused> $/)
      assert.is([...text.matchAll(/next: /g)].length, 2, text)
    })

    test('completes commands, options and guests', async () => {
      await using folder = await guestFolder({ count: counter(3) })
      await using terminal = await openPrompt(folder)
      terminal.type('fra')
      await terminal.until(/fra$/)
      terminal.type('\t')
      await terminal.until(/mes $/)
      terminal.type('--al')
      await terminal.until(/--al$/)
      terminal.type('\t')
      await terminal.until(/l $/)
      terminal.type(ctrlC)
      await terminal.until(/> $/)
      terminal.type(`run ${folder.file('cou')}`)
      await terminal.until(/cou$/)
      terminal.type('\t')
      await terminal.until(/nt\.wasm $/)
      terminal.type(`--paused${enter}`)
      await terminal.until(/paused> $/)
      terminal.type('kill cou')
      await terminal.until(/cou$/)
      terminal.type('\t')
      await terminal.until(/nt $/)
      terminal.type(enter)
      await terminal.until(/count was killed\nwasmsh count killed> $/)
    })

    test('keeps a history that others cannot read, without secrets', async () => {
      await using folder = await guestFolder({})
      const terminal = await openPrompt(folder)
      terminal.type(`echo kept${enter}`)
      await terminal.until(/\nkept\n.*> $/)
      terminal.type(`run x.wasm --env TOKEN=secret${enter}`)
      await terminal.until(/hint: .*\n.*> $/)
      terminal.type(ctrlD)
      await terminal.exit()
      const history = await readFile(`${folder.home}/history`, 'utf8')
      assert.match(history, 'echo kept')
      assert.not.match(history, 'secret')
      assert.is((await stat(`${folder.home}/history`)).mode & 0o777, 0o600)
      await using again = await openPrompt(folder)
      again.type('\u001b[A')
      await again.until('echo kept')
    })
  },
  limitMs,
)

suite(
  'Ctrl-C',
  (test) => {
    test('pauses the guest in the foreground, as often as it runs', async () => {
      await using folder = await guestFolder({ tick: ticker })
      await using terminal = await openPrompt(folder)
      terminal.type(`1 + 1${enter}`)
      await terminal.until(/2\nwasmsh> $/)
      terminal.type(`run ${folder.file('tick.wasm')}${enter}`)
      for (let round = 0; round < 3; round++) {
        await terminal.until('tick\n')
        terminal.type(ctrlC)
        await terminal.until(/tick paused at .*\nwasmsh tick paused> $/)
        if (round < 2) terminal.type(`resume${enter}`)
      }
    })

    test('pauses all guests of a pipeline, as often as they run', async () => {
      await using folder = await guestFolder({ tick: ticker, cat: copier })
      await using terminal = await openPrompt(folder)
      const [tick, cat] = [folder.file('tick.wasm'), folder.file('cat.wasm')]
      terminal.type(`run ${tick} | run ${cat} --name last${enter}`)
      for (let round = 0; round < 3; round++) {
        await terminal.until('tick\n')
        terminal.type(ctrlC)
        const text = await terminal.until(/last paused .*\nwasmsh last paused> $/)
        assert.match(text, /\ntick paused at /)
        if (round < 2) terminal.type(`resume --group${enter}`)
      }
      terminal.type(`guests${enter}`)
      const list = await terminal.until(/\nwasmsh last paused> $/)
      assert.is([...list.matchAll(/ paused /g)].length, 2, list)
    })

    test('ends the following of a log, and leaves the guest running', async () => {
      await using folder = await guestFolder({ tick: ticker })
      await using terminal = await openPrompt(folder)
      terminal.type(`run ${folder.file('tick.wasm')} --detach --stdout /dev/null${enter}`)
      await terminal.until(/running> $/)
      for (let round = 0; round < 2; round++) {
        terminal.type(`log --follow${enter}`)
        await terminal.until(/fd_write\(1, 1 buffer\) = 5\n/)
        terminal.type(ctrlC)
        await terminal.until(/wasmsh tick running> $/)
      }
      terminal.type(`echo $\{guest.state}${enter}`)
      await terminal.until(/\nrunning\n/)
    })

    test('clears the line at the prompt', async () => {
      await using folder = await guestFolder({})
      await using terminal = await openPrompt(folder)
      terminal.type('this is not to be run')
      await terminal.until('be run')
      terminal.type(ctrlC)
      await terminal.until(/> $/)
      terminal.type(`echo still here${enter}`)
      await terminal.until(/\nstill here\nwasmsh> $/)
    })

    test('breaks JavaScript without end, and waiting', async () => {
      await using folder = await guestFolder({ spin: spinner })
      await using terminal = await openPrompt(folder)
      const lines = [
        "console.log('begun'); while (true) {}",
        "while (true) console.log('begun')",
        "await new Promise(() => setTimeout(() => console.log('begun'), 50))",
        `await run('${folder.file('spin.wasm')}', { detach: true }); setTimeout(() => console.log('begun'), 50); await wait()`,
      ]
      for (const line of lines) {
        terminal.type(`${line}${enter}`)
        await terminal.until('begun\n')
        terminal.type(ctrlC)
        await terminal.until(/ERR_WASMSH_INTERRUPTED[\s\S]*> $/)
      }
      terminal.type(`echo $\{guest.state}${enter}`)
      await terminal.until(/\nrunning\n/)
    })
  },
  limitMs,
)

suite(
  'foreground',
  (test) => {
    test('gives the guest what is typed, up to Ctrl-D, and the prompt its terminal back', async () => {
      await using folder = await guestFolder({ cat: greeter })
      await using terminal = await openPrompt(folder)
      for (let round = 0; round < 2; round++) {
        terminal.type(`run ${folder.file('cat.wasm')}${enter}`)
        await terminal.until(/ready\n/)
        terminal.type('hello\n')
        await terminal.until(/hello\nhello\n/)
        terminal.type(ctrlD)
        await terminal.until(/cat(-\d+)? ended, exit code 3\nwasmsh cat(-\d+)? ended> $/)
      }
      terminal.type(`2 + 3${enter}`)
      await terminal.until(/\n5\nwasmsh/)
    })

    test('shows long lines of a log within the width of the terminal', async () => {
      await using folder = await guestFolder({ visit: visitor })
      await using terminal = await openPrompt(folder)
      terminal.type(`run ${folder.file('visit.wasm')} --dir ${folder.file('.')}::/${enter}`)
      await terminal.until(/visit ended>? $/)
      terminal.type(`log --call path_open${enter}`)
      const text = await terminal.until(/= noent\nwasmsh visit ended> $/)
      assert.match(
        text,
        /path_open\(3, symlink_follow, "notes\.txt", creat\|trunc, fd_read\|fd_seek\|\n {12}fd_/,
      )
    })

    test('never tears the line by what a detached guest writes', async () => {
      await using folder = await guestFolder({ count: counter(5) })
      await using terminal = await openPrompt(folder)
      terminal.type(`run ${folder.file('count.wasm')} --paused${enter}`)
      await terminal.until(/paused> $/)
      terminal.type(`void setTimeout(() => resume({ detach: true }), 300)${enter}`)
      await terminal.until(/paused> $/)
      terminal.type('echo half a l')
      await terminal.until(/count ended, exit code 0\nwasmsh count ended> echo half a l$/)
      terminal.type(`ine${enter}`)
      await terminal.until(/\nhalf a line\nwasmsh/)
    })

    test('opens the prompt for a program of the command line that is paused', async () => {
      await using folder = await guestFolder({ tick: ticker })
      await using terminal = new Terminal([folder.file('tick.wasm')], {
        env: { WASMSH_HOME: folder.home },
      })
      await terminal.until('tick\n')
      terminal.type(ctrlC)
      await terminal.until(/tick paused at .*\nwasmsh tick paused> $/)
      terminal.type(`kill${enter}${ctrlD}`)
      assert.is(await terminal.exit(), 0)
    })
  },
  limitMs,
)

suite(
  'leaving',
  (test) => {
    test('asks when guests have not ended', async () => {
      await using folder = await guestFolder({ spin: spinner })
      await using terminal = await openPrompt(folder)
      terminal.type(`run ${folder.file('spin.wasm')} --paused${enter}`)
      await terminal.until(/paused> $/)
      terminal.type(ctrlD)
      await terminal.until(/1 guest \(spin\) will end with wasmsh\. Leave\? \[y\/N\] $/)
      terminal.type(`n${enter}`)
      await terminal.until(/paused> $/)
      terminal.type(`exit 4${enter}`)
      await terminal.until(/Leave\? \[y\/N\] $/)
      terminal.type(`y${enter}`)
      assert.is(await terminal.exit(), 4)
    })
  },
  limitMs,
)
