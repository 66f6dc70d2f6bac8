import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { commands } from '../../src/shell/commands/index.js'
import { completeLine } from '../../src/shell/completion.js'
import { isKept } from '../../src/shell/history.js'
import type { Session } from '../../src/shell/session.js'
import { topics } from '../../src/shell/topics.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** As much of a session as completion looks at. */
const session = {
  commands,
  topics,
  guest: null,
  shell: {
    guests: () => [{ name: 'calc' }, { name: 'cat' }],
    store: { list: async () => [{ name: 'before' }, { name: 'after' }] },
  },
  evaluator: async () => ({ complete: async (line: string) => [['javascript'], line] }),
} as unknown as Session

suite('completeLine', (test) => {
  const cases: readonly (readonly [line: string, candidates: readonly string[]])[] = [
    ['fra', ['frames ']],
    ['snap', ['snapshot ', 'snapshots ']],
    ['pause c', ['calc ', 'cat ']],
    ['frames --guest snapshot:b', ['snapshot:before ']],
    ['frames -g ca', ['calc ', 'cat ']],
    ['recover af', ['after ']],
    ['recover --paused --name x be', ['before ']],
    ['diff before a', ['after ']],
    ['store g', ['gc ']],
    ['run --engine=in', ['interp ']],
    ['wait --ti', ['--timeout ']],
    ['help lang', ['language ']],
    ['guest.fra', ['javascript']],
    ['frames = fra', ['javascript']],
  ]
  for (const [line, candidates] of cases) {
    test(`offers ${candidates.join('or ')}for "${line}"`, async () => {
      assert.equal((await completeLine(session, line))[0], candidates)
    })
  }

  test('offers files, with folders to go on in and names quoted', async () => {
    await using folder = await temporaryDirectory()
    await mkdir(join(folder.path, 'programs'))
    await writeFile(join(folder.path, 'a program.wasm'), '')
    const [all] = await completeLine(session, `run ${folder.path}/`)
    assert.equal(all, [`${folder.path}/'a program.wasm' `, `${folder.path}/programs/`])
    const [folders] = await completeLine(session, `run --dir ${folder.path}/`)
    assert.equal(folders, [`${folder.path}/programs/`])
  })
})

suite('isKept', (test) => {
  test('keeps lines, but not secrets and what begins with a blank', () => {
    assert.ok(isKept('run a.wasm --env PATH'))
    assert.not(isKept(' run a.wasm'))
    assert.not(isKept('run a.wasm --env TOKEN=x'))
    assert.not(isKept('run a.wasm -e TOKEN=x'))
    assert.not(isKept("run a.wasm '--env=TOKEN=x'"))
    assert.not(isKept("run('a.wasm', { env: ['TOKEN=x'] })"))
  })
})
