/** The plugin that wasmsh comes with keeps to the laws of all plugins. */
import * as assert from 'uvu/assert'
import { checkPlugin } from '../../../src/core/plugin-laws/check-plugin.js'
import type { PluginSamples } from '../../../src/core/plugin-laws/samples.js'
import { files } from '../../../src/plugins/files/index.js'
import { suite } from '../../support/suite.js'

const text = (value: string): Uint8Array => Buffer.from(value)

const samples: PluginSamples = {
  scenes: [
    {
      name: 'one file written, all contents',
      flags: { contents: 'all' },
      directories: { '/data': { 'a.txt': 'first', 'folder/b.txt': 'second' } },
      descriptors: [{ fd: 4, kind: 'file', guestPath: 'a.txt', preopen: 3, offset: 2n, size: 5n }],
      ops: [
        {
          call: 'path_open',
          parameters: {
            fd: 3n,
            dirflags: 0n,
            path: text('a.txt'),
            oflags: 0n,
            rights_base: 0x1fffffffn,
            rights_inheriting: 0n,
            fdflags: 0n,
          },
          results: { opened_fd: 4n },
          touches: ['files/4'],
          creates: 'files/5',
        },
      ],
    },
  ],
  stored: [
    {
      version: 1,
      state: {
        // With none that was deleted while open: schema.test.ts has those.
        openFiles: [],
        descriptors: [],
        contents: 'none',
        entries: [],
        written: [{ directory: '/data', path: 'made' }],
        moved: [],
        removed: [{ directory: '/data', path: 'gone' }],
        left: [],
      },
    },
  ],
}

suite('the files plugin', (test) => {
  test('keeps to the laws', async () => {
    const { results } = await checkPlugin(files, samples)

    assert.equal(
      results.filter(({ status }) => status === 'failed'),
      [],
    )
  })
}, 60_000)
