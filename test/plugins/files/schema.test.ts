import * as assert from 'uvu/assert'
import type { Json } from '../../../src/core/plugin.js'
import { upgradeState } from '../../../src/core/plugin-host/upgrade-state.js'
import { schema } from '../../../src/plugins/files/schema.js'
import type { FilesState } from '../../../src/plugins/files/state.js'
import { suite } from '../../support/suite.js'

const blob = `sha256:${'a'.repeat(64)}` as const
const place = (path: string) => ({ directory: '/d', path })

const state: FilesState = {
  openFiles: [
    {
      id: 0,
      kind: 'file',
      place: place('f'),
      options: { oflags: 9, fdflags: 1, rights: 2n ** 63n, inheriting: 0n },
      offset: 2n ** 40n,
      expected: { bytes: 3n, modifiedNs: 10n ** 18n, digest: blob },
      nameless: null,
    },
    {
      id: 7,
      kind: 'file',
      place: place('gone'),
      options: null,
      offset: 0n,
      expected: null,
      nameless: { number: 0, blob, modifiedNs: 0n },
    },
    {
      id: 8,
      kind: 'directory',
      place: place('gone/d'),
      options: null,
      offset: 0n,
      expected: null,
      nameless: { number: 1, blob: null, modifiedNs: 5n },
    },
  ],
  descriptors: [
    { fd: 4, openFile: 0 },
    { fd: 9, openFile: 0 },
    { fd: 5, openFile: 7 },
    { fd: 6, openFile: 8 },
  ],
  contents: 'written',
  entries: [
    { place: place('sub'), kind: 'directory', mode: 0o755 },
    { place: place('sub/f'), kind: 'file', mode: 0o644, modifiedNs: 1n, bytes: 3n, blob },
    { place: place('sub/g'), kind: 'link', to: place('sub/f') },
    { place: place('sub/l'), kind: 'symlink', target: '../f' },
  ],
  written: [place('f')],
  moved: [],
  removed: [place('old')],
  unlisted: 3,
  left: [{ place: place('fifo'), reason: 'is no file' }],
}

type Mutable = { [key: string]: Mutable } & Mutable[]

/** Parses what a change makes of a stored state. */
function parse(change: (json: Mutable) => void): FilesState {
  const json = JSON.parse(JSON.stringify(schema.format(state))) as Mutable
  change(json)
  return schema.parse(json as unknown as Json)
}

function refuses(pattern: RegExp, change: (json: Mutable) => void): void {
  assert.throws(
    () => parse(change),
    (error: Error) => {
      assert.match(error.message, pattern)
      return true
    },
  )
}

const set = (json: Mutable, path: string, value: unknown): void => {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let at: Mutable = json
  for (const name of names) at = at[name] as Mutable
  ;(at as Record<string, unknown>)[last] = value
}

suite('the state of files', (test) => {
  test('comes back as it was, 64-bit numbers too', () => {
    assert.equal(
      parse(() => undefined),
      state,
    )
  })

  test('has no path that leads out', () => {
    for (const path of ['..', '../x', 'a/../../x', '/etc/passwd', 'a//b', './a', 'a/', 'a\0b']) {
      refuses(/leads out|zero byte/, (json) => set(json, 'entries.1.place.path', path))
      refuses(/leads out|zero byte/, (json) => set(json, 'openFiles.0.place.path', path))
      refuses(/leads out|zero byte/, (json) => set(json, 'entries.2.to.path', path))
    }
  })

  test('has no link that leads out', () => {
    refuses(/leads out/, (json) => set(json, 'entries.3.target', '../../x'))
    refuses(/leads out/, (json) => set(json, 'entries.3.target', '/etc/passwd'))
  })

  test('has descriptors and open files that belong together', () => {
    refuses(/belong together/, (json) => set(json, 'descriptors.0.openFile', 3))
    refuses(/belong together/, (json) => {
      json['descriptors']?.pop()
    })
    refuses(/a descriptor twice/, (json) => set(json, 'descriptors.1.fd', 4))
    refuses(/open file twice/, (json) => set(json, 'openFiles.1.id', 0))
  })

  test('has one contents of each deleted file, and none of a directory', () => {
    refuses(/without contents/, (json) => set(json, 'openFiles.1.nameless.blob', null))
    refuses(/without contents/, (json) => set(json, 'openFiles.2.nameless.blob', blob))
    refuses(/two contents/, (json) => set(json, 'openFiles.2.nameless.number', 0))
    const same = parse((json) => {
      set(json, 'openFiles.2.kind', 'file')
      set(json, 'openFiles.2.nameless', { number: 0, blob, modifiedNs: '0' })
    })
    assert.is(same.openFiles[2]?.nameless?.number, 0)
    refuses(/two contents/, (json) => {
      set(json, 'openFiles.2.kind', 'file')
      set(json, 'openFiles.2.nameless', { number: 0, blob, modifiedNs: '1' })
    })
  })

  test('of version 1 had a file for each open file that was deleted', () => {
    const json = JSON.parse(JSON.stringify(schema.format(state))) as Mutable
    json['openFiles']?.splice(2, 1)
    json['descriptors']?.splice(3, 1)
    set(json, 'openFiles.1.nameless', { blob, modifiedNs: '0' })
    delete (json as Record<string, unknown>)['unlisted']
    const migrated = upgradeState(schema, { version: 1, state: json as unknown as Json }, 'files')
    const expected = { number: 7, blob, modifiedNs: 0n }
    assert.equal(
      migrated.openFiles.map(({ nameless }) => nameless),
      [null, expected],
    )
    assert.is(migrated.unlisted, 0)
    const broken = { version: 1, state: { openFiles: 1 } }
    assert.throws(() => upgradeState(schema, broken, 'files'), /cannot be migrated/)
  })

  test('names each place once, and files before links to them', () => {
    refuses(/place twice/, (json) => set(json, 'entries.1.place.path', 'sub'))
    refuses(/not listed before/, (json) => {
      ;(json['entries'] as unknown as unknown[]).reverse()
    })
    refuses(/not listed before/, (json) => set(json, 'entries.2.to.directory', '/e'))
  })

  test('has no other members, and values of the right kind', () => {
    refuses(/./, (json) => set(json, 'more', 1))
    refuses(/./, (json) => set(json, 'entries.1.mode', 0o10000))
    refuses(/./, (json) => set(json, 'entries.1.blob', 'sha256:../../x'))
    refuses(/./, (json) => set(json, 'openFiles.0.offset', '9223372036854775808'))
    refuses(/./, (json) => set(json, 'openFiles.0.offset', '-1'))
    refuses(/./, (json) => set(json, 'contents', 'some'))
    refuses(/./, (json) => set(json, 'openFiles', {}))
  })
})
