import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { checkout, cliCommand } from '../support/cli-command.js'
import { guestFolder } from '../support/guest-files.js'
import {
  copier,
  counter,
  flood,
  recursion,
  sleeper,
  spinner,
  trapper,
  visitor,
} from '../support/guests.js'
import { jsonLines, runCli, startCli } from '../support/run-cli.js'
import { suite } from '../support/suite.js'

const limitMs = 60_000

suite(
  'wasmsh PROGRAM',
  (test) => {
    test('passes bytes, input and exit code through', async () => {
      await using folder = await guestFolder({ cat: copier })
      const input = 'no newline at the end, \u0000 and all'
      const result = await runCli([folder.file('cat.wasm')], { home: folder.home, input })
      assert.is(result.stdout, input)
      assert.is(result.stderr, '')
      assert.is(result.code, 3)
    })

    test('prints what an invoked export returns', async () => {
      const add = '(module (func (export "add") (param i32 f64) (result f64)'
      const body = '(f64.add (f64.convert_i32_s (local.get 0)) (local.get 1))))'
      await using folder = await guestFolder({ add: `${add} ${body}` })
      const line = `run ${folder.file('add.wasm')} --invoke add -- 2 0.5`
      const result = await runCli(['-c', line], { home: folder.home })
      assert.is(result.code, 0, result.stderr)
      assert.match(result.stdout, /add ended, exit code 0, returned f64 2\.5/)
    })

    test('shows what a guest asked of its host', async () => {
      await using folder = await guestFolder({ visit: visitor })
      const run = `run ${folder.file('visit.wasm')} --dir ${folder.file('.')}::/`
      const text = await runCli(['-c', run, '-c', 'log --class files --stack'], {
        home: folder.home,
      })
      assert.is(text.code, 0, text.stderr)
      assert.match(
        text.stdout,
        /1 {2}path_open\(3, symlink_follow, "notes\.txt", creat\|trunc, fd_read\|fd_seek\|fd_fdstat_set_flags\|fd_tell\|fd_write, 0, append\) = 4\n +from open 0x[0-9a-f]+\n +from _start/,
      )
      assert.match(text.stdout, /2 {2}path_open\(3, .*\) = noent\n/)
      const json = await runCli(['--json', '-q', '-c', run, '-c', 'log --call fd_seek'], {
        home: folder.home,
      })
      const lines = jsonLines(json.stdout) as {
        command?: string
        result?: { operations: readonly unknown[] }
      }[]
      const shown = lines.find(({ command }) => command === 'log')
      assert.equal(shown?.result?.operations, [
        {
          seq: '3',
          call: 'fd_seek',
          thread: 0,
          errno: 'inval',
          parameters: { fd: 4, offset: -5, whence: 'end' },
          results: {},
        },
        {
          seq: '4',
          call: 'fd_seek',
          thread: 0,
          errno: 'success',
          parameters: { fd: 4, offset: 12, whence: 'set' },
          results: { newoffset: 12 },
        },
      ])
      const from = await runCli(['-c', run, '-c', 'log --from 4 --last 1'], { home: folder.home })
      assert.match(from.stdout, /^ +4 {2}fd_seek\(4, 12, set\) = 12\n$/m)
      assert.not.match(from.stdout, /path_rename/)
      const none = await runCli(['-c', `${run} --log-limit 0`, '-c', 'log'], { home: folder.home })
      assert.match(none.stderr, /ERR_WASMSH_OPLOG_OFF/)
      assert.is(none.code, 2)
    })

    test('shows the bytes of host calls when they were recorded', async () => {
      await using folder = await guestFolder({ copy: copier })
      await writeFile(folder.file('input'), `two\twords ${'x'.repeat(40)}`)
      const run = `run ${folder.file('copy.wasm')} --stdin ${folder.file('input')} --record-data`
      const options = { home: folder.home }
      const text = await runCli(['-c', run, '-c', 'log'], options)
      assert.match(text.stdout, /fd_read\(0, "two\\twords x{22}"\.\.\. in 1 buffer\) = 50\n/)
      assert.match(text.stdout, /fd_write\(1, "two\\twords x{22}"\.\.\. in 1 buffer\) = 50\n/)
    })

    test('exits with 125 when the guest traps, and says where', async () => {
      await using folder = await guestFolder({ trap: trapper, deep: recursion })
      const trapped = await runCli([folder.file('trap.wasm')], { home: folder.home })
      assert.is(trapped.code, 125)
      assert.is(trapped.stdout, '')
      assert.match(trapped.stderr, /trapped: unreachable at inner\+0x0/)
      const deep = await runCli([folder.file('deep.wasm')], { home: folder.home })
      assert.is(deep.code, 125)
      assert.match(deep.stderr, /call stack exhausted/)
    })

    test('names what it cannot use, with a hint, and exits with 2', async () => {
      await using folder = await guestFolder({})
      await writeFile(folder.file('text.wasm'), 'not a module')
      const bad: readonly (readonly string[])[] = [
        [folder.file('missing.wasm')],
        [folder.file('text.wasm')],
        ['--no-such-option'],
        ['-c', 'frmaes'],
        ['-c', 'run'],
        ['-c', 'wait nobody'],
        ['-c', '1 +'],
        ['-c', 'throw new Error("x")'],
        ['-c', 'recover nothing'],
        [folder.file('missing.wsh')],
      ]
      for (const args of bad) {
        const result = await runCli(args, { home: folder.home })
        const shown = `${args.join(' ')}: ${result.stderr}`
        assert.is(result.code, 2, shown)
        assert.match(
          result.stderr,
          /^(\S+:\d+: )?error\[ERR_WASMSH_\w+\]: \S.*[^.]\nhint: \S.*[.?]\n/,
          shown,
        )
        assert.is(result.stderr.split('\n').length, 3, shown)
      }
    })

    test('ends when nobody reads its output any more', async () => {
      await using folder = await guestFolder({ flood })
      const child = startCli([folder.file('flood.wasm')], { home: folder.home })
      const [first] = (await once(child.stdout, 'data')) as [Buffer]
      assert.ok(first.length > 0)
      child.stdout.destroy()
      const [code] = await once(child, 'exit')
      assert.is(code, 141)
    })

    test('fails when its output cannot be written', async () => {
      await using folder = await guestFolder({ count: counter(5) })
      const program = [process.execPath, ...cliCommand(), folder.file('count.wasm')].join(' ')
      const child = spawn('sh', ['-c', `${program} > /dev/full`], { cwd: checkout })
      const [code] = await once(child, 'exit')
      assert.is(code, 3)
    })

    test('ends with its guests on signals', async () => {
      await using folder = await guestFolder({ spin: spinner })
      const signals = [
        ['SIGTERM', 143] as const,
        ['SIGHUP', 129] as const,
        ['SIGINT', 130] as const,
      ]
      for (const [signal, code] of signals) {
        const line = `run --detach ${folder.file('spin.wasm')}`
        const child = startCli(['-c', line, '-c', 'wait'], { home: folder.home })
        await once(child.stdout, 'data')
        child.kill(signal)
        const [ending] = await once(child, 'exit')
        assert.is(ending, code, signal)
      }
    })

    test('goes no further when the following of a log is interrupted', async () => {
      await using folder = await guestFolder({ log: sleeper(1_000_000) })
      const run = `run --detach ${folder.file('log.wasm')}`
      const lines = ['-c', run, '-c', 'log --follow', '-c', 'echo after']
      const child = startCli(lines, { home: folder.home })
      let text = ''
      child.stdout.on('data', (bytes: Buffer) => {
        text += bytes
        if (/poll_oneoff/.test(text) && !child.killed) child.kill('SIGINT')
      })
      const [ending] = await once(child, 'close')
      assert.is(ending, 130)
      assert.not.match(text, 'after')
    })
  },
  limitMs,
)

suite(
  'wasmsh SCRIPT',
  (test) => {
    const script = `#!/usr/bin/env wasmsh
# comments and blocks
const sum = (list) => {
  let total = 0
  for (const one of list) total += one
  return total
}

echo "$1 of $#" \\
  and more
assert sum([1, 2]) === 3
const again = await run(args[0], { pauseAt: 100, name: 'again', stdout: '/dev/null' })
assert again.state === 'paused'
assert again.position === 100n
echo $\{guest.name} $\{guest.state}
kill
run $1 --stdout /dev/null
assert guest.exitCode === 0 'it ends well'
`

    test('runs commands, JavaScript over several lines, arguments', async () => {
      await using folder = await guestFolder({ count: counter(5) })
      await writeFile(folder.file('a.wsh'), script)
      const args = [folder.file('a.wsh'), folder.file('count.wasm'), '--json']
      const result = await runCli(args, { home: folder.home })
      assert.is(result.stderr, '')
      assert.is(result.code, 0)
      assert.match(result.stdout, `${folder.file('count.wasm')} of 2 and more\n`)
      assert.match(result.stdout, 'again paused\n')
    })

    test('stops at the first error and says where', async () => {
      await using folder = await guestFolder({})
      const text = 'echo one\n\nif (true) {\n  const x = 1\n  nothing.at.all\n}\necho two\n'
      await writeFile(folder.file('a.wsh'), text)
      const result = await runCli([folder.file('a.wsh')], { home: folder.home })
      assert.is(result.stdout, 'one\n')
      assert.match(result.stderr, `${folder.file('a.wsh')}:3: error[ERR_WASMSH_JAVASCRIPT_THREW]`)
      assert.is(result.code, 2)
    })

    test('goes on after errors when told to, and still fails', async () => {
      await using folder = await guestFolder({})
      await writeFile(folder.file('a.wsh'), 'nonsense here\necho two\n')
      const args = ['--keep-going', folder.file('a.wsh')]
      const result = await runCli(args, { home: folder.home })
      assert.is(result.stdout, 'two\n')
      assert.match(result.stderr, ':1: error[ERR_WASMSH_COMMAND_UNKNOWN]')
      assert.is(result.code, 2)
    })

    test('names the inner script of an error', async () => {
      await using folder = await guestFolder({})
      await writeFile(folder.file('a.wsh'), `source ${folder.file('b.wsh')} x\n`)
      await writeFile(folder.file('b.wsh'), "echo $1\nassert false 'on purpose'\n")
      const result = await runCli([folder.file('a.wsh')], { home: folder.home })
      assert.is(result.stdout, 'x\n')
      assert.match(
        result.stderr,
        'b.wsh:2: error[ERR_WASMSH_ASSERT_FAILED]: Assertion failed: on purpose',
      )
    })

    test('comes from standard input, too; guests then read nothing', async () => {
      await using folder = await guestFolder({ cat: copier })
      const input = `run ${folder.file('cat.wasm')}\necho $\{guest.exitCode}\n`
      const result = await runCli([], { home: folder.home, input })
      assert.is(result.stdout, 'cat ended, exit code 3\n3\n')
      assert.is(result.code, 0)
    })

    test('gives guests the input that is not the script', async () => {
      await using folder = await guestFolder({ cat: copier })
      const args = ['-c', `run ${folder.file('cat.wasm')}`]
      const result = await runCli(args, { home: folder.home, input: 'given' })
      assert.is(result.stdout, 'given\ncat ended, exit code 3\n')
      assert.is(result.code, 3)
    })

    test('has every command as a function', async () => {
      await using folder = await guestFolder({ count: counter(5) })
      const lines = [
        `const report = await run('${folder.file('count.wasm')}', { paused: true, env: ['A=1', 'B=2'] })`,
        "await set('global total', 41n)",
        "assert((await globals())[0].text === '41', 'the edit is there')",
        "await memory('0x10', 8)",
        'assert result.bytes.length === 8',
        "await importSnapshot('package.json')",
      ]
      const args = lines.flatMap((line) => ['-c', line])
      const result = await runCli(args, { home: folder.home })
      assert.match(result.stderr, /^-c:1: error\[ERR_WASMSH_ARCHIVE_INVALID/)
      assert.is(result.code, 2)
      const failed = await runCli(['-c', "assert(1 > 2, 'order')"], { home: folder.home })
      assert.match(failed.stderr, 'Assertion failed: order')
    })

    test('fails by errors that no line waits for', async () => {
      await using folder = await guestFolder({})
      const line = 'void setTimeout(() => { throw new Error("late") }, 1)'
      const args = ['-c', line, '-c', 'await new Promise((done) => setTimeout(done, 50)); "done"']
      const result = await runCli(args, { home: folder.home })
      assert.match(result.stderr, 'Error: late')
      assert.is(result.code, 2)
    })

    test('exits as "exit" says', async () => {
      await using folder = await guestFolder({})
      const result = await runCli(['-c', 'exit 7', '-c', 'echo never'], { home: folder.home })
      assert.is(result.code, 7)
      assert.is(result.stdout, '')
    })
  },
  limitMs,
)

suite(
  'wasmsh --json',
  (test) => {
    test('prints a value a line, errors included, and guest output elsewhere', async () => {
      await using folder = await guestFolder({ count: counter(3) })
      const lines = [`run ${folder.file('count.wasm')} --pause-at 50`, 'globals', '1n', 'nonsense']
      const args = ['--json', ...lines.flatMap((line) => ['-c', line])]
      const result = await runCli(args, { home: folder.home })
      const [run, globals, value, error, exit, ...more] = jsonLines(result.stdout)
      assert.is(more.length, 0)
      const { result: report } = run as { result: { state: string; position: string } }
      assert.equal([report.state, report.position], ['paused', '50'])
      const { result: list } = globals as { result: { name: string; bits: string }[] }
      assert.equal([list[0]?.name, typeof list[0]?.bits], ['total', 'string'])
      assert.equal(value, { command: null, result: '1' })
      const { error: what } = error as { error: { code: string; file: string; line: number } }
      assert.equal([what.code, what.line], ['ERR_WASMSH_COMMAND_UNKNOWN', 1])
      assert.equal(exit, { exit: { code: 2, by: 'wasmsh' } })
      assert.match(result.stderr, '0\n')
    })

    test('says whose exit code it is', async () => {
      await using folder = await guestFolder({ cat: copier })
      const result = await runCli(['--json', folder.file('cat.wasm')], { home: folder.home })
      assert.equal(jsonLines(result.stdout).at(-1), { exit: { code: 3, by: 'guest' } })
    })
  },
  limitMs,
)

suite(
  'snapshots by commands',
  (test) => {
    test('go on in another process as if nothing had happened', async () => {
      await using folder = await guestFolder({ count: counter(20) })
      const { home } = folder
      const plain = await runCli([folder.file('count.wasm')], { home })
      const line = `run ${folder.file('count.wasm')} --pause-at 300`
      const first = await runCli(['-q', '-c', line, '-c', 'snapshot half', '-c', 'kill'], { home })
      const second = await runCli(['-q', '-c', 'recover half'], { home })
      assert.is(first.code, 0, first.stderr)
      assert.is(second.code, 0, second.stderr)
      assert.is(first.stdout + second.stdout, plain.stdout)
    })

    test('leave streams that are files where they were, alone and in a group', async () => {
      await using folder = await guestFolder({ cat: copier })
      const { home } = folder
      const [input, first, last] = [folder.file('in'), folder.file('out'), folder.file('last')]
      // More than is read ahead for a guest, or lies in a pipe.
      const text = 'more than a guest reads at once\n'.repeat(20_000)
      await writeFile(input, text)
      const cat = folder.file('cat.wasm')
      const alone = `run ${cat} --name one --pause-at 100 --stdin ${input} --stdout ${first}`
      const taken = ['-c', alone, '-c', 'snapshot half', '-c', 'kill']
      const half = await runCli(['-q', ...taken], { home })
      const back = await runCli(['-q', '-c', 'recover half'], { home, input: 'not this' })
      assert.is(half.code, 0, half.stderr)
      assert.is(back.code, 3, back.stderr)
      assert.is(back.stdout, '')
      assert.ok((await readFile(first, 'utf8')) === text)

      const pair = `run ${cat} --stdin ${input} --pause-at 100 | run ${cat} --stdout ${last}`
      const both = ['-c', pair, '-c', 'snapshot both --group', '-c', 'kill --group']
      const group = await runCli(['-q', ...both], { home })
      const again = await runCli(['-q', '-c', 'recover both'], { home, input: 'not this' })
      assert.is(group.code, 0, group.stderr)
      assert.is(again.code, 3, again.stderr)
      assert.is(again.stdout, '')
      assert.ok((await readFile(last, 'utf8')) === text)
    })

    test('can be looked at, edited, compared, exported and imported', async () => {
      await using folder = await guestFolder({ count: counter(20) })
      const { home } = folder
      const archive = folder.file('half.wsnap')
      const lines = [
        `run ${folder.file('count.wasm')} --pause-at 300 --stdout /dev/null`,
        'snapshot half',
        'use snapshot:half',
        "assert (await frames()).frames[0].name === '_start' || (await frames()).total > 0",
        'set global total = 1000 ',
        'diff half half',
        `export half ${archive}`,
        'forget half',
        `import ${archive} --name back`,
        "assert (await snapshots()).some(({ name }) => name === 'back')",
        'store check',
      ]
      const result = await runCli(
        lines.flatMap((line) => ['-c', line]),
        { home },
      )
      assert.is(result.code, 0, result.stderr)
      assert.match(result.stdout, 'half and half are the same')
      assert.match(result.stdout, /global 0: \d+ -> 1000/)
      assert.ok((await readFile(archive)).length > 0)
    })
  },
  limitMs,
)
