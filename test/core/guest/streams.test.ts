import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { closeStreams, openStreams } from '../../../src/core/guest/streams.js'
import { openDescriptors, openedSince } from '../../support/descriptors.js'
import { FakeEngine } from '../../support/fake-native.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

function temporary(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wasmsh-test-'))
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

suite('openStreams', (test) => {
  test('gives pipes to both sides', () => {
    const binding = new FakeEngine().binding()
    const before = openDescriptors()
    const plan = { option: 'pipe' } as const
    const streams = openStreams(binding, {
      stdin: plan,
      stdout: { option: 'terminal' },
      stderr: plan,
    })

    assert.is(streams.native.stdin.kind, 'pipe')
    assert.is(streams.native.stdout.kind, 'terminal')
    assert.ok(streams.stdin !== null && streams.stdout !== null && streams.stderr !== null)
    assert.equal(streams.files, {})
    closeStreams(binding, streams, true)
    assert.ok(openedSince(before).length <= 3)
  })

  test('empties a fresh output file and continues one at its offset', () => {
    using at = temporary()
    const file = join(at.folder, 'out')
    writeFileSync(file, 'old contents')
    const other = join(at.folder, 'err')
    writeFileSync(other, 'abcdef')
    const offsets: bigint[] = []
    const binding = {
      ...new FakeEngine().binding(),
      seekDescriptor: (_: number, offset: bigint) => offsets.push(offset),
    }
    const quiet = { option: 'null' } as const

    const fresh = openStreams(binding, {
      stdin: quiet,
      stdout: { option: { file } },
      stderr: quiet,
    })
    assert.is(readFileSync(file, 'utf8'), '')
    writeSync(fresh.native.stdout.fd, 'abcdef')
    closeSync(fresh.native.stdout.fd)
    const again = openStreams(binding, {
      stdin: quiet,
      stdout: { option: { file }, offset: 4 },
      stderr: { option: { file: other }, offset: 100 },
    })

    assert.is(readFileSync(file, 'utf8'), 'abcdef')
    assert.equal(offsets, [4n, 6n])
    assert.equal(again.files, { stdout: file, stderr: other })
    closeStreams(binding, again, true)
  })

  test('opens one file for both outputs once', () => {
    using at = temporary()
    const option = { file: join(at.folder, 'both') }
    const binding = new FakeEngine().binding()
    const before = openDescriptors()
    const streams = openStreams(binding, {
      stdin: { option: 'null' },
      stdout: { option },
      stderr: { option: { file: join(at.folder, 'x', '..', 'both') } },
    })

    writeSync(streams.native.stdout.fd, 'out ')
    writeSync(streams.native.stderr.fd, 'err')

    assert.is(readFileSync(option.file, 'utf8'), 'out err')
    closeStreams(binding, streams, true)
    assert.equal(openedSince(before), [])
  })

  test('leaves nothing open when one cannot be opened', () => {
    const binding = new FakeEngine().binding()
    const before = openDescriptors()

    throwsCode('ERR_WASMSH_STREAM_FILE', () =>
      openStreams(binding, {
        stdin: { option: 'pipe' },
        stdout: { option: 'pipe' },
        stderr: { option: { file: '/no/such/folder/file' } },
      }),
    )

    assert.equal(openedSince(before), [])
  })
})
