import * as assert from 'uvu/assert'
import { Compiler } from '../../../src/core/compile/compiler.js'
import { GuestCode } from '../../../src/core/guest/guest-code.js'
import { loadNative } from '../../../src/core/native.js'
import { storePaths } from '../../../src/core/paths.js'
import { counter } from '../../support/guests.js'
import { suite } from '../../support/suite.js'
import { openTestSession } from '../../support/test-session.js'
import { compileWat } from '../../support/wat.js'

suite('GuestCode', (test) => {
  test('says why code could not be made, and offers nothing', async () => {
    await using t = await openTestSession([])
    const module = await t.shell.loadModule(await compileWat(counter(5)))
    const engine = loadNative().openEngine(() => undefined)
    try {
      const offers: unknown[] = []
      const said = await new Promise<string>((resolve) => {
        const code = new GuestCode({
          // A compiler that always fails.
          compiler: new Compiler(engine, storePaths(t.folder), ['/bin/false']),
          module,
          code: null,
          twins: 'open',
          takesQuick: true,
          onFailure: (message) => {
            assert.is(code.failure, message)
            resolve(message)
          },
        })
        code.attach((...offer) => void offers.push(offer))
        assert.is(code.failure, null)
      })
      assert.match(said, /^The module does not compile: it ended with exit code 1/)
      assert.equal(offers, [[null, null]])
    } finally {
      engine.stop()
    }
  })
})
