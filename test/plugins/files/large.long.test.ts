/** Files that no 32-bit number measures, whose contents travel. */
import { closeSync, ftruncateSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { fileBench } from '../../support/file-bench.js'
import { suite } from '../../support/suite.js'

suite('--contents all', (test) => {
  test('keeps holes of files over 4 GiB', async () => {
    await using b = await fileBench()
    const size = 4 * 1024 ** 3 + 65_536
    const fd = openSync(b.path('data', 'huge'), 'w')
    ftruncateSync(fd, size)
    writeSync(fd, 'start', 0)
    writeSync(fd, 'end', size - 3)
    closeSync(fd)
    await b.take(
      (g) =>
        g
          .open('huge')
          .seek(4, size - 3)
          .wait()
          .read(4, 9),
      { contents: 'all' },
    )
    mkdirSync(b.path('empty'))
    const { stdout } = await b.recover('--map-dir', `/data=${b.path('empty')}`)
    assert.is(stdout, '[end]')
    const copy = statSync(b.path('empty', 'huge'))
    assert.is(copy.size, size)
    assert.ok(copy.blocks * 512 < 1024 * 1024, `${copy.blocks} blocks`)
  })
}, 1_200_000)
