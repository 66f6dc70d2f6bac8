/** Guests that are interpreted until their machine code is there. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Guest, RunOptions } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { spinner } from '../../support/guests.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'
import { compileWat } from '../../support/wat.js'

const bytes = await compileWat(spinner)
const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const satisfies RunOptions

const crossed = (guest: Guest): Promise<void> =>
  new Promise((resolve) => guest.once('crossed', resolve))

suite('Moving into compiled code', (test) => {
  if (!hasCompiler) return test.skip('happens when the code is ready', noCompiler)

  test('happens to a running guest with "auto", once its code and twins are made', async () => {
    await using b = await shellInFolder()
    const guest = await b.shell.run(bytes, { ...quiet, engine: 'auto', paused: true })
    const done = crossed(guest)
    assert.is(guest.info().compiling?.what, 'code')
    guest.resume()

    await done

    assert.is(guest.info().inCompiled, true)
    // The code, and quick twins.
    assert.is((await readdir(join(b.home, 'compiled'))).length, 2)
    await crossed(guest)
    assert.is((await readdir(join(b.home, 'compiled'))).length, 3)
    await guest.whenCompiled()
    assert.is(guest.info().compiling, null)
    await guest.pause()
    assert.is(guest.frames()[0]?.pc, 2)
    assert.is(guest.info().inCompiled, false)
  })

  test('happens to a recovered guest that nothing was compiled for', async () => {
    await using b = await shellInFolder()
    const first = await b.shell.run(bytes, quiet)
    await first.pause()
    await first.snapshot('here', { sync: false })
    await first.kill()
    const said: string[] = []
    const guest = await b.shell.recover('here', {
      engine: 'aot',
      paused: true,
      onInterpreted: (reason) => void said.push(reason),
      onCompiled: () => void said.push('compiled'),
    })
    const done = crossed(guest)

    guest.resume()
    await done

    assert.is(guest.info().inCompiled, true)
    assert.equal(said, ['not-compiled', 'compiled'])
  })

  test('happens again to a guest that goes on after a pause', async () => {
    await using b = await shellInFolder()
    const guest = await b.shell.run(bytes, { ...quiet, engine: 'aot' })
    for (let time = 0; time < 2; time++) {
      await guest.pause()
      const done = crossed(guest)
      guest.resume()
      await done
    }
    assert.is(guest.info().inCompiled, true)
  })

  test('takes no twins at the first instruction, and arguments as they were set there', async () => {
    await using b = await shellInFolder()
    const module = await compileWat(`(module (memory (export "memory") 1)
      (func (export "half") (param i64 i32) (result i64) (local i64)
        (i64.add (local.get 2) (i64.div_u (local.get 0) (i64.extend_i32_u (local.get 1))))))`)
    const call = { ...quiet, engine: 'aot', invoke: 'half', invokeArgs: ['10', '1'], paused: true }
    const results: unknown[] = []
    for (const local of ['local 1', 'local 2']) {
      const guest = await b.shell.run(module, call as RunOptions)
      let crossings = 0
      guest.on('crossed', () => crossings++)
      guest.set(local, 2)
      guest.resume()
      await guest.wait()
      results.push([crossings, guest.results[0]?.text])
    }

    // With a local that is no parameter it is no call that anybody could make, but by a twin.
    assert.equal(results, [
      [1, '5'],
      [0, '12'],
    ])
    assert.is((await readdir(join(b.home, 'compiled'))).length, 1)
  })

  test('is given up with the guest', async () => {
    await using b = await shellInFolder()
    const guest = await b.shell.run(bytes, { ...quiet, engine: 'auto' })
    assert.is(guest.info().compiling?.what, 'code')

    await guest.kill()
    await guest.whenCompiled()

    assert.is(guest.info().compiling, null)
    assert.equal(await readdir(join(b.home, 'tmp')), [])
  })
}, 60_000)
