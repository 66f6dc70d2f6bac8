import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { files } from '../../src/plugins/files/index.js'
import { logger } from '../support/guests.js'
import { type CounterText, counterText, writePackage } from '../support/plugin-package.js'
import { jsonLines, runCli } from '../support/run-cli.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { openTestSession, type TestSession } from '../support/test-session.js'
import { rejectsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

const opens = "['path_open']"

/** A session whose folder has a package, and a guest that opens a file. */
async function withPackage(
  text: CounterText = { creates: opens },
): Promise<
  TestSession & { readonly kit: string; readonly start: (name: string) => Promise<string> }
> {
  const test = await openTestSession([])
  const kit = writePackage(join(test.folder, 'kit'), { 'index.js': counterText(text) })
  const data = join(test.folder, 'data')
  mkdirSync(data)
  const file = join(test.folder, 'logger.wasm')
  writeFileSync(file, await compileWat(logger))
  const start = (name: string): Promise<string> =>
    test.line(`run ${file} --name ${name} --dir ${data}::/data --pause-at 20`)
  return { ...test, kit, start }
}

suite('plugin load', (test) => {
  test('loads a package with its command, and plugins lists it', async () => {
    await using t = await withPackage()
    await t.start('before')

    const said = await t.line(`plugin load ${t.kit}`)

    assert.match(said, /^Loaded counter 1\.2\.3 from .*index\.js; new commands: counter\n/)
    assert.match(said, /Not tracked, since started before: before/)
    await t.start('after')
    assert.is(await t.line('counter'), 'opened 1')
    assert.is(await t.line('(await counter()).opened'), '1')
    const table = await t.line('plugins')
    assert.match(table, /NAME +VERSION +CLASS +STATE +GUESTS +FROM/)
    assert.match(table, /wasmsh-plugin-counter +1\.2\.3 +counter +1 +1 /)
    await rejectsCode('ERR_WASMSH_PLUGIN_GUEST', () => t.line('counter --guest before'))
  })

  test('refuses one that is loaded, and a command that is there, and leaves all as it was', async () => {
    await using t = await withPackage()
    await t.line(`plugin load ${t.kit}`)
    const twice = await rejectsCode('ERR_WASMSH_PLUGIN_CONFLICT', () =>
      t.line(`plugin load ${t.kit}`),
    )
    assert.match(twice.hint, /plugin reload counter/)
    const frames = writePackage(join(t.folder, 'frames'), {
      'index.js': counterText({ name: 'frames' }),
    })

    const taken = await rejectsCode('ERR_WASMSH_PLUGIN_CONFLICT', () =>
      t.line(`plugin load ${frames}`),
    )

    assert.match(taken.message, /"frames" cannot add the command "frames"/)
    assert.equal(
      t.shell.plugins.all().map(({ name }) => name),
      ['counter'],
    )
  })

  test('says what a plugin is', async () => {
    await using t = await withPackage({
      creates: opens,
      stateVersion: 2,
      migrations: '1: (state) => state',
      more: "backwards: { refuse: 'files cannot be closed again' },",
    })
    await t.line(`plugin load ${t.kit}`)

    const info = await t.line('plugin info wasmsh-plugin-counter')

    assert.match(info, /^class +counter$/m)
    assert.match(info, /^state +version 2, reads 1 and later$/m)
    assert.match(info, /^backwards +refused: files cannot be closed again$/m)
    assert.match(info, /^command +counter: counts$/m)
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_UNKNOWN', () => t.line('plugin info countr'))
    assert.is(error.hint, 'Did you mean "counter"?')
  })

  test('shows what the plugin would store, and has stored', async () => {
    await using t = await withPackage()
    await t.line(`plugin load ${t.kit}`)
    await t.start('one')

    assert.is(await t.line('plugin state counter'), '{\n  "opened": 1\n}')
    await t.line('snapshot kept')
    assert.equal(await t.json('plugin state counter --guest snapshot:kept'), {
      command: 'plugin',
      result: {
        action: 'state',
        class: 'counter',
        of: 'kept',
        stateVersion: 1,
        state: { opened: 1 },
      },
    })
  })
})

suite('plugin reload', (test) => {
  test('hands the state to new code, migrated, with its new helper modules', async () => {
    await using t = await withPackage()
    const own = { imports: "import { label } from './label.js'", printed: "label + ' ' + opened" }
    writePackage(t.kit, {
      'index.js': counterText({ creates: opens, ...own }),
      'label.js': "export const label = 'old'",
    })
    await t.line(`plugin load ${t.kit}`)
    await t.start('one')
    assert.is(await t.line('counter'), 'old 1')

    writePackage(t.kit, {
      'index.js': counterText({
        creates: opens,
        ...own,
        stateVersion: 2,
        migrations: '1: (state) => ({ opened: state.opened + 100 })',
      }),
      'label.js': "export const label = 'new'",
    })
    const said = await t.line('plugin reload counter')

    assert.is(said, 'Reloaded counter for 1 guest, state 1 -> 2')
    assert.is(await t.line('counter'), 'new 101')
    assert.is(await t.line('(await counter()).opened'), '101')
    await t.line('snapshot taken')
    assert.is((await t.shell.store.get('taken')).manifest.plugins[0]?.stateVersion, 2)
  })

  test('pauses a guest that runs, and lets it go on', async () => {
    await using t = await withPackage()
    await t.line(`plugin load ${t.kit}`)
    const guest = await t.shell.run(join(t.folder, 'logger.wasm'), {
      dirs: [{ host: join(t.folder, 'data'), guest: '/data' }],
    })

    await t.line('plugin reload counter')

    assert.is(guest.state, 'running')
    assert.equal(await t.line('plugin info counter').then((text) => /logger/.test(text)), true)
  })

  const refusals: readonly (readonly [what: string, text: CounterText, message: RegExp])[] = [
    ['cannot recover', { recover: "throw new Error('no room')" }, /failed in taking over.*no room/],
    [
      'would lose something',
      { recover: "return [{ resource: 'the count', reason: 'is too high' }]" },
      /would lose the count: is too high/,
    ],
    ['reads no such state', { stateVersion: 3 }, /there is no migration from version 1 to 2/],
    ['is of another class', { name: 'other' }, /cannot take over: its class is "other" now/],
    ['claims other calls', { creates: "['sock_accept']" }, /its creates has changed since guest/],
    [
      'has a command that is taken',
      { more: "topics: [{ name: 'keys', summary: 's', text: 't' }]," },
      /the help topic "keys"/,
    ],
  ]
  for (const [what, text, message] of refusals) {
    test(`leaves the old code in place when the new ${what}`, async () => {
      await using t = await withPackage()
      await t.line(`plugin load ${t.kit}`)
      await t.start('one')
      await t.start('two')
      writePackage(t.kit, { 'index.js': counterText({ creates: opens, label: 'new', ...text }) })

      const error = await t.line('plugin reload counter').then(
        () => null,
        (thrown: unknown) => thrown as Error,
      )

      assert.match(error?.message ?? '', message)
      assert.is(await t.line('counter --guest one'), 'opened 1')
      assert.is(await t.line('counter --guest two'), 'opened 1')
      await t.line('resume two')
    })
  }

  test('is refused for what wasmsh has itself or a program gave', async () => {
    await using t = await openTestSession([files])

    const error = await rejectsCode('ERR_WASMSH_PLUGIN_RELOAD', () => t.line('plugin reload files'))

    assert.match(error.message, /was handed over by a program/)
  })
})

suite('wasmsh --plugin and --no-plugin', (test) => {
  test('load before the first line, and leave out', async () => {
    await using folder = await temporaryDirectory()
    const kit = writePackage(join(folder.path, 'kit'), {
      'index.js': counterText({ creates: opens }),
    })

    const args = ['--no-plugin', 'files', '--plugin', kit, '--json', '-c', 'plugins']
    const result = await runCli(args, { home: folder.path })

    assert.is(result.code, 0, result.stderr)
    const [listed] = jsonLines(result.stdout) as readonly { readonly result: { class: string }[] }[]
    assert.equal(
      listed?.result.map((one) => one.class),
      ['ipc', 'counter'],
    )
  })

  test('fail with a hint for a stranger, and for a conflict with a plugin of wasmsh', async () => {
    await using folder = await temporaryDirectory()
    const kit = writePackage(join(folder.path, 'kit'), {
      'index.js': counterText({ creates: opens }),
    })
    const run = (...args: string[]) => runCli([...args, '-c', 'guests'], { home: folder.path })

    const stranger = await run('--no-plugin', 'flies')
    assert.is(stranger.code, 2)
    assert.match(stranger.stderr, /PLUGIN_UNKNOWN.*\n.*Did you mean "files"\?/)
    const conflict = await run('--plugin', kit)
    assert.is(conflict.code, 2)
    assert.match(conflict.stderr, /the call path_open belongs to plugin "files"/)
  })

  test('"wasmsh plugins" is a command line', async () => {
    await using folder = await temporaryDirectory()

    const result = await runCli(['plugins'], { home: folder.path })

    assert.is(result.code, 0, result.stderr)
    assert.match(result.stdout, /wasmsh +\d+\.\d+\.\d+ +files +2 +0 +built in/)
  })

  test('reach the process of recover --new-process', async () => {
    await using folder = await temporaryDirectory()
    const kit = writePackage(join(folder.path, 'kit'), { 'index.js': counterText() })
    const data = join(folder.path, 'data')
    mkdirSync(data)
    const program = join(folder.path, 'logger.wasm')
    writeFileSync(program, await compileWat(logger))
    const lines = [
      `run ${program} --dir ${data}::/data --pause-at 20`,
      'snapshot here',
      'kill',
      'recover here --new-process',
    ]

    const result = await runCli(['--plugin', kit, ...lines.flatMap((line) => ['-c', line])], {
      home: join(folder.path, 'home'),
    })

    assert.is(result.code, 0, result.stderr + result.stdout)
  })
}, 30_000)

suite('state of a plugin that is not there', (test) => {
  test('is lost by name with --without, and refused otherwise', async () => {
    await using t = await withPackage()
    await t.line(`plugin load ${t.kit}`)
    await t.start('one')
    await t.line('snapshot kept')
    const options = { without: ['counter'], paused: true }

    const known = await t.shell.recover('kept', options)
    assert.equal(known.degradations, [
      { plugin: 'counter', resource: 'a count of 1', reason: 'was left out' },
    ])

    t.shell.plugins.remove('counter')
    t.session.refreshVocabulary()
    await rejectsCode('ERR_WASMSH_PLUGIN_MISSING', () => t.line('recover kept'))
    const unknown = await t.shell.recover('kept', options)
    assert.equal(unknown.degradations, [
      {
        plugin: 'counter',
        resource: 'all of its state (version 1, 18 bytes)',
        reason: 'was left out',
      },
    ])
  })

  test('survives export, import and an edit byte for byte', async () => {
    await using t = await withPackage()
    await t.line(`plugin load ${t.kit}`)
    await t.start('one')
    await t.line('snapshot kept')
    const read = async (name: string): Promise<string> => {
      const { directory } = await t.shell.store.get(name)
      return readFileSync(join(directory, 'plugin-counter.json'), 'hex')
    }
    const before = await read('kept')
    t.shell.plugins.remove('counter')
    t.session.refreshVocabulary()

    await t.line(`export kept ${t.folder}/one.wsnap`)
    await t.line('forget kept')
    await t.line(`import ${t.folder}/one.wsnap --name moved`)
    await t.line('use snapshot:moved')
    await t.line('set --name edited u32[0x100] = 7')
    await t.line(`export edited ${t.folder}/two.wsnap`)
    await t.line('forget edited')
    await t.line(`import ${t.folder}/two.wsnap --name again`)

    assert.is(await read('moved'), before)
    assert.is(await read('again'), before)
  })
})
