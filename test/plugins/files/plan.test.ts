/** snapshot --dry-run: what it says of every resource of a guest. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { fileBench } from '../../support/file-bench.js'
import { suite } from '../../support/suite.js'

suite('snapshot --dry-run', (test) => {
  test('says of each resource whether it is portable, needs a mapping, or is blocked', async () => {
    await using b = await fileBench()
    writeFileSync(b.path('data', 'f'), 'f')
    execFileSync('mkfifo', [b.path('data', 'fifo')])
    const guest = await b.run(
      (g) =>
        g
          .open('f')
          .open('made', { write: true, create: true })
          .open('tmp', { write: true, create: true })
          .unlink('tmp')
          .open('.', { directory: true })
          .open('fifo', { write: true })
          .makeDirectory('d')
          .open('d', { directory: true })
          .removeDirectory('d')
          .wait(),
      { stdout: 'terminal', stderr: { file: b.path('errors') } },
    )
    const say = (contents: string) => {
      const { resources, blockers } = guest.planSnapshot({ contents })
      return [
        ...resources.map(({ resource, status }) => `${status}: ${resource}`),
        ...blockers.map(({ resource }) => `blocked: ${resource}`),
      ]
    }
    const common = [
      'portable: descriptor 0 (stdin)',
      'portable: descriptor 1 (stdout)',
      'mapping: descriptor 2 (stderr)',
      'mapping: descriptor 3 (/data)',
    ]
    assert.equal(say('none'), [
      ...common,
      'mapping: descriptor 4 (/data/f)',
      'mapping: descriptor 5 (/data/made)',
      'portable: descriptor 6 (/data/tmp)',
      'mapping: descriptor 7 (/data)',
      'portable: descriptor 9 (/data/d)',
      'blocked: descriptor 8 (fifo)',
    ])
    const changed = (list: readonly string[]) => list.filter((one) => !say('none').includes(one))
    assert.equal(changed(say('written')), ['portable: descriptor 5 (/data/made)'])
    assert.equal(changed(say('all')), [
      'portable: descriptor 4 (/data/f)',
      'portable: descriptor 5 (/data/made)',
      'portable: descriptor 7 (/data)',
    ])
    const { resources, blockers } = guest.planSnapshot({})
    for (const { status, hint } of resources) assert.is(hint !== '', status === 'mapping')
    assert.match(blockers[0]?.reason ?? '', /neither a file nor a directory/)
    assert.match(blockers[0]?.hint ?? '', /when the program has closed it/)
    const mapping = resources.filter(({ status }) => status === 'mapping').map(({ hint }) => hint)
    assert.match(mapping.join('\n'), /--stderr FILE[\s\S]*--map-dir \/data=HOST[\s\S]*--contents/)
    await guest.kill()
  })
})
