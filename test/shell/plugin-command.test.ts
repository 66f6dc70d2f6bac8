import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { AnyPlugin, PluginCommand } from '../../src/core/plugin.js'
import { PluginRegistry } from '../../src/core/plugin-host/registry.js'
import { createVocabulary } from '../../src/shell/vocabulary.js'
import { logger } from '../support/guests.js'
import { type OpensTracker, opensPlugin } from '../support/opens-plugin.js'
import { suite } from '../support/suite.js'
import { openTestSession, type TestSession } from '../support/test-session.js'
import { rejectsCode, throwsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

/** Number of instructions after which the guest has its file open. */
const opened = 20

/** A session with a guest that stands still with one file open. */
async function withGuest(): Promise<TestSession> {
  const test = await openTestSession([opensPlugin])
  const data = join(test.folder, 'data')
  mkdirSync(data)
  const file = join(test.folder, 'logger.wasm')
  writeFileSync(file, await compileWat(logger))
  await test.line(`run ${file} --dir ${data}::/data --pause-at ${opened}`)
  return test
}

suite('a command of a plugin', (test) => {
  test('sees the guest and what the plugin knows of it', async () => {
    await using t = await withGuest()

    assert.equal((await t.line('count-opens')).split('\n'), ['OF      OPENED', 'logger    1/10'])
  })

  test('prints JSON, and is a function of JavaScript', async () => {
    await using t = await withGuest()

    assert.equal(await t.json('count-opens'), {
      command: 'count-opens',
      result: { of: 'logger', opened: 1, limit: 10 },
    })
    assert.is(await t.line('(await countOpens({ plain: true })).opened'), '1')
  })

  test('has a page and is in the overview, as the topics of the plugin are', async () => {
    await using t = await withGuest()

    assert.match(await t.line('count-opens --help'), /OPTIONS\n +-p, --plain/)
    assert.match(await t.line('help opening'), /By path_open\./)
    const overview = await t.line('help')
    assert.match(overview, /count-opens +counts the files/)
    assert.match(overview, /opening +how files are opened/)
  })

  test('is completed, with what the plugin finds', async () => {
    await using t = await withGuest()

    assert.equal(await t.complete('count-o'), ['count-opens '])
    assert.equal(await t.complete('count-opens --p'), ['--plain '])
    assert.equal(await t.complete('count-opens o'), ['of-logger '])
    assert.equal(await t.complete('count-opens --guest lo'), ['logger '])
    assert.equal(await t.complete('set opens'), ['opens.limit '])
  })

  test('looks at a stored snapshot', async () => {
    await using t = await withGuest()
    await t.line('snapshot here')

    assert.match(await t.line('count-opens --guest snapshot:here'), /here +1\/10/)
  })

  test('decides about the exit status', async () => {
    await using t = await withGuest()
    await t.line('set opens.limit = 0')

    await t.line('count-opens')

    assert.equal(t.session.status, { code: 4, by: 'wasmsh' })
  })

  test('fails with errors that name it', async () => {
    await using t = await withGuest()

    const usage = await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () =>
      t.line('count-opens nonsense'),
    )
    assert.match(usage.hint, /count-opens \[WHAT\]/)
    const failure = await rejectsCode('ERR_WASMSH_PLUGIN_FAILED', () =>
      t.line('count-opens failure'),
    )
    assert.is(failure.message, 'Plugin "opens" failed in the command "count-opens": out of fingers')
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('count-opens --nothing'))
    await rejectsCode('ERR_WASMSH_GUEST_UNKNOWN', () => t.line('count-opens --guest nobody'))
  })

  test('is refused for a guest that was started without the plugin', async () => {
    await using t = await openTestSession([])
    const file = join(t.folder, 'logger.wasm')
    writeFileSync(file, await compileWat(logger))
    await t.line(`run ${file} --paused`)
    t.shell.plugins.add(opensPlugin)
    t.session.refreshVocabulary()

    await rejectsCode('ERR_WASMSH_PLUGIN_GUEST', () => t.line('count-opens'))
    await rejectsCode('ERR_WASMSH_PLUGIN_GUEST', () => t.line('set opens.limit = 3'))
  })
})

suite('a formatter of a plugin', (test) => {
  test('shows values of JavaScript lines', async () => {
    await using t = await withGuest()

    assert.is(await t.line("guest.tracker('opens')"), '<1 opens>')
  })
})

suite('set of what a plugin keeps', (test) => {
  test('changes a paused guest and is one of its edits', async () => {
    await using t = await withGuest()

    assert.is(await t.line('set opens.limit = 3'), 'opens.limit: 10 -> 3')

    assert.match(await t.line('count-opens'), /1\/3/)
    const edit = { target: 'opens.limit', type: 'resource', old: '10', new: '3' }
    assert.equal(t.shell.guest('logger').edits(), [edit])
    await t.line('snapshot edited')
    assert.equal((await t.shell.store.get('edited')).manifest.edits, [edit])
  })

  test('writes a child of a stored snapshot', async () => {
    await using t = await withGuest()
    await t.line('snapshot before')
    await t.line('use snapshot:before')

    await t.line('set --name after opens.limit = 5')

    const { manifest } = await t.shell.store.get('after')
    assert.is(manifest.parent, (await t.shell.store.get('before')).id)
    assert.equal(manifest.edits, [{ target: 'opens.limit', type: 'resource', old: '10', new: '5' }])
    await t.line('recover after --paused --name again')
    assert.match(await t.line('count-opens'), /again +1\/5/)
    assert.match(await t.line('count-opens -g snapshot:before'), /1\/10/)
  })

  test('changes descriptors of a stored snapshot with it', async () => {
    await using t = await withGuest()
    await t.line('snapshot before')
    await t.line('use snapshot:before')

    await t.line('set --name after opens.offset = 7')

    const { descriptors } = await t.shell.store.view('after')
    assert.is(descriptors.find(({ fd }) => fd === 4)?.offset, 7n)
  })

  test('says what cannot be set, and leaves the guest as it was', async () => {
    await using t = await withGuest()

    const error = await rejectsCode('ERR_WASMSH_EDIT_TARGET', () => t.line('set opens.x = 1'))
    assert.is(error.message, '"opens.x" cannot be set: there is no x')
    await rejectsCode('ERR_WASMSH_EDIT_TARGET', () => t.line('set strangers.x = 1'))
    assert.equal(t.shell.guest('logger').edits(), [])
  })

  test('is on the page of set', async () => {
    await using t = await withGuest()

    assert.match(await t.line('help set'), /opens\.limit +how many files may be opened/)
  })
})

const named = (changes: Partial<AnyPlugin>): AnyPlugin => ({ ...opensPlugin, ...changes })
const command = opensPlugin.commands?.[0] as PluginCommand<OpensTracker>

suite('createVocabulary', (test) => {
  const conflicts: readonly (readonly [what: string, plugin: AnyPlugin, message: RegExp])[] = [
    [
      'a command of wasmsh',
      named({ commands: [{ ...command, name: 'frames' }] }),
      /Plugin "opens" cannot add the command "frames": there is the command "frames" of wasmsh/,
    ],
    [
      'the function of a command of wasmsh',
      named({ commands: [{ ...command, functionName: 'run' }] }),
      /cannot add the command "count-opens": there is the command "run" of wasmsh/,
    ],
    [
      'a name of JavaScript lines',
      named({ commands: [{ ...command, name: 'guest' }] }),
      /cannot add the command "guest": there is "guest" of JavaScript lines/,
    ],
    [
      'a topic of wasmsh',
      named({ topics: [{ name: 'keys', summary: 's', text: 't' }] }),
      /cannot add the help topic "keys": there is the help topic "keys" of wasmsh/,
    ],
  ]
  for (const [what, plugin, message] of conflicts) {
    test(`refuses ${what}`, () => {
      const error = throwsCode('ERR_WASMSH_PLUGIN_CONFLICT', () => createVocabulary([plugin]))
      assert.match(error.message, message)
    })
  }

  test('refuses the command of another plugin, and names both', () => {
    const other = named({ name: 'other', topics: [] })

    const error = throwsCode('ERR_WASMSH_PLUGIN_CONFLICT', () =>
      createVocabulary([opensPlugin, other]),
    )

    assert.is(
      error.message,
      'Plugin "other" cannot add the command "count-opens": there is the command "count-opens" of plugin "opens"',
    )
  })
})

suite('what a plugin adds to the shell', (test) => {
  const broken: readonly (readonly [what: string, changes: object, message: RegExp])[] = [
    ['a command without run', { commands: [{ ...command, run: undefined }] }, /lacks.*"run"/],
    ['a name with blanks', { commands: [{ ...command, name: 'a b' }] }, /"a b" is no name/],
    ['commands that are no list', { commands: command }, /needs lists/],
    ['no summary', { commands: [{ ...command, summary: '' }] }, /lacks a summary/],
    ['a group of its own', { commands: [{ ...command, group: 'Mine' }] }, /unknown group "Mine"/],
    [
      'an option that is taken',
      { commands: [{ ...command, options: { json: { type: 'boolean', summary: 's' } } }] },
      /option --json .* is taken/,
    ],
    ['a topic without text', { topics: [{ name: 'x', summary: 's' }] }, /help topic without/],
    ['edits without targets', { edits: { edit: () => ({}) } }, /edits without targets/],
    ['an empty reason to refuse', { backwards: { refuse: '' } }, /backwards/],
    ['an unknown policy', { backwards: 'sideways' }, /backwards/],
  ]
  for (const [what, changes, message] of broken) {
    test(`is refused with ${what}`, () => {
      const error = throwsCode('ERR_WASMSH_PLUGIN_INVALID', () =>
        new PluginRegistry().add({ ...opensPlugin, ...changes } as AnyPlugin),
      )
      assert.match(error.message, message)
    })
  }
})
