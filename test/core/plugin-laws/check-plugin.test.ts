import * as assert from 'uvu/assert'
import type { AnyPlugin } from '../../../src/core/plugin.js'
import { checkPlugin, laws } from '../../../src/core/plugin-laws/check-plugin.js'
import type { PluginSamples } from '../../../src/core/plugin-laws/samples.js'
import { NotesTracker, notesPlugin, notesSamples } from '../../support/notes-plugin.js'
import { suite } from '../../support/suite.js'

const samples = notesSamples as PluginSamples

/** The plugin with a tracker that does one thing wrong. */
function tracking(change: (tracker: NotesTracker) => Partial<NotesTracker>): AnyPlugin {
  return {
    ...notesPlugin,
    track(host) {
      const tracker = new NotesTracker(host)
      return Object.assign(tracker, change(tracker))
    },
  }
}

const withState = (changes: Partial<AnyPlugin['state']>): AnyPlugin => ({
  ...notesPlugin,
  state: { ...notesPlugin.state, ...changes },
})

async function brokenLaws(plugin: AnyPlugin, given = samples): Promise<readonly string[]> {
  const { results } = await checkPlugin(plugin, given, { limitMs: 500 })
  return [...new Set(results.filter(({ status }) => status === 'failed').map(({ law }) => law))]
}

let calls = 0

/** A mistake by the law that it breaks. */
const mistakes: Readonly<
  Record<string, readonly [what: string, plugin: AnyPlugin, PluginSamples?]>
> = {
  contract: ['no name', { ...notesPlugin, name: 'No Name' }],
  samples: ['no scenes', notesPlugin, { ...samples, scenes: [] }],
  'state-is-json': [
    'a number that JSON has not',
    withState({
      format: (state) => ({ ...Object(notesPlugin.state.format(state)), more: Number.NaN }),
    }),
  ],
  'format-parse': [
    'a member that is not stored',
    withState({ format: ({ notes }) => ({ notes, opened: 0 }) }),
  ],
  'parse-refuses': ['a parse that takes all', withState({ parse: (state) => state })],
  'host-independent': [
    'a host path',
    tracking((tracker) => ({
      snapshot: async (context) => {
        tracker.texts.set('where', tracker.host.directories[0]?.hostPath ?? '')
        return await NotesTracker.prototype.snapshot.call(tracker, context)
      },
    })),
  ],
  migrations: ['a migration that is missing', withState({ migrations: {} })],
  'record-is-a-fold': [
    'a record that counts for all',
    tracking((tracker) => ({
      record: () => {
        tracker.opened = ++calls
      },
    })),
  ],
  'record-takes-any': [
    'a record that counts failures',
    tracking((tracker) => ({
      record: () => {
        tracker.opened++
      },
    })),
  ],
  'snapshot-changes-nothing': [
    'a snapshot that counts itself',
    tracking((tracker) => ({
      snapshot: async (context) => {
        tracker.opened++
        return await NotesTracker.prototype.snapshot.call(tracker, context)
      },
    })),
  ],
  'plan-tells': [
    'a plan without reasons',
    tracking((tracker) => ({
      plan: () => NotesTracker.prototype.plan.call(tracker).map((one) => ({ ...one, reason: '' })),
    })),
  ],
  'resources-are-named': ['resources without names', { ...notesPlugin, resources: () => [''] }],
  'dispose-twice': [
    'a dispose that throws the second time',
    tracking(() => {
      let disposed = 0
      return {
        dispose: async () => {
          if (++disposed === 2) throw new Error('disposed already')
        },
      }
    }),
  ],
  'imports-are-there': [
    'an import without a function',
    tracking((tracker) => ({
      imports: { notes: { add: tracker.imports.notes.add } } as never,
    })),
  ],
  'trap-changes-nothing': [
    'a call that counts before it reads',
    tracking((tracker) => {
      const { add, wait } = tracker.imports.notes
      return {
        imports: {
          notes: {
            wait,
            add: (...given) => {
              tracker.opened++
              return add(...given)
            },
          },
        },
      }
    }),
  ],
  'call-gives-up': [
    'a call that waits on',
    tracking((tracker) => ({
      imports: {
        notes: { add: tracker.imports.notes.add, wait: () => new Promise<never>(() => {}) },
      },
    })),
  ],
  'recover-snapshot': [
    'a recover that forgets',
    tracking((tracker) => ({
      recover: async (state, context) => {
        await NotesTracker.prototype.recover.call(tracker, state, context)
        tracker.texts.delete('a')
        return []
      },
    })),
  ],
  'stored-recovers': [
    'a recover that needs a blob which no old state has',
    tracking((tracker) => ({
      recover: async (state, context) => {
        if (state.opened === 3) throw new Error('three is too many')
        return await NotesTracker.prototype.recover.call(tracker, state, context)
      },
    })),
  ],
  'undo-takes-back': ['an undo that does nothing', tracking(() => ({ undo: async () => {} }))],
  'edits-agree': [
    'an edit of a stored snapshot that does something else',
    {
      ...notesPlugin,
      edits: {
        ...(notesPlugin.edits as NonNullable<AnyPlugin['edits']>),
        editStored: ({ state }, _, value) => ({ old: '1', new: value, state }),
      },
    },
  ],
  'fault-in-snapshot': [
    'a snapshot that loses what it has not written',
    tracking((tracker) => ({
      snapshot: async (context) => {
        try {
          return await NotesTracker.prototype.snapshot.call(tracker, context)
        } catch (error) {
          tracker.texts.clear()
          throw error
        }
      },
    })),
  ],
  'fault-in-recovery': [
    'an undo that needs recover to have succeeded',
    tracking((tracker) => {
      let isWhole = false
      return {
        recover: async (state, context) => {
          const lost = await NotesTracker.prototype.recover.call(tracker, state, context)
          isWhole = true
          return lost
        },
        undo: async () => {
          if (isWhole) await NotesTracker.prototype.undo.call(tracker)
        },
      }
    }),
  ],
  'missing-blob': [
    'a recover that passes over what is missing',
    tracking((tracker) => ({
      recover: async (state, context) => {
        await NotesTracker.prototype.recover.call(tracker, state, context).catch(() => [])
        return []
      },
    })),
  ],
  abort: [
    'a snapshot that waits for ever once it is given up',
    tracking((tracker) => ({
      snapshot: (context) =>
        context.signal.aborted
          ? new Promise<never>(() => {})
          : NotesTracker.prototype.snapshot.call(tracker, context),
    })),
  ],
}

suite('checkPlugin', (test) => {
  test('passes a plugin that keeps to every law, in its scenes and with nothing', async () => {
    const { results, passed, failed, scenes } = await checkPlugin(notesPlugin, samples)

    assert.equal(
      results.filter(({ status }) => status === 'failed'),
      [],
    )
    assert.is(failed, 0)
    assert.is(scenes, 1)
    const isKept = (law: string) =>
      results.some((one) => one.law === law && one.status === 'passed')
    assert.equal(
      laws.map(({ name }) => name).filter((law) => !isKept(law)),
      [],
      'no law says nothing about it',
    )
    assert.ok(passed > 30)
  })

  test('has a mistake for every law', () => {
    assert.equal(
      Object.keys(mistakes),
      laws.map(({ name }) => name),
    )
  })

  for (const [law, [what, plugin, given]] of Object.entries(mistakes)) {
    test(`finds ${what}: ${law}`, async () => {
      const broken = await brokenLaws(plugin, given)

      assert.ok(broken.includes(law), `broken: ${broken.join(', ')}`)
    })
  }

  test('says where states differ', async () => {
    const [, plugin] = mistakes['recover-snapshot'] ?? ['', notesPlugin]
    const { results } = await checkPlugin(plugin, samples)

    const failure = results.find((one) => one.law === 'recover-snapshot' && one.status === 'failed')
    assert.is(failure?.scene, 'two notes')
    assert.match(
      failure?.message ?? '',
      /the state after recovery differs at notes\[1\]\.name: "b"/,
    )
  })

  test('gives up a law that does not come to an end', async () => {
    const plugin = tracking(() => ({ snapshot: () => new Promise<never>(() => {}) }))

    const { results } = await checkPlugin(plugin, samples, { limitMs: 50 })

    assert.ok(results.some(({ message }) => message === 'it takes over 0.05 s'))
  })
}, 30_000)
