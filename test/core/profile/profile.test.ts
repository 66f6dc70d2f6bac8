/** Visits of stable points: counted, written, read. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { RunOptions } from '../../../src/index.js'
import { readProfile, type WasmshError } from '../../../src/index.js'
import { textGuest } from '../../support/guest-programs.js'
import { copier, counter, recursion, spinner } from '../../support/guests.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { steppedVisits } from '../../support/stepped-visits.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const

/** Rounds whose numbers are known: loops inside each other, a branch table, recursion. */
const rounds = `(module
  (func $inner (param $n i32) (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n)))))
  (func $deep (param $n i32)
    (if (local.get $n) (then (call $deep (i32.sub (local.get $n) (i32.const 1))))))
  (func $tabled (param $n i32)
    (block $done
      (loop $odd (loop $even
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (block $more
          (br_if $more (i32.gt_s (local.get $n) (i32.const 0)))
          (br $done))
        (br_table $even $odd (i32.and (local.get $n) (i32.const 1)))))))
  (func (export "go") (local $i i32)
    (block $end
      (br_if $end (i32.const 0))
      (call $deep (i32.const 7)))
    (loop $outer
      (call $inner (i32.const 100))
      (br_if $outer
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
    (call $tabled (i32.const 9))
    (block $over
      (block $here
        (br_if $here (i32.eqz (local.get $i)))
        (br_table $over $over (i32.const 1)))
      (call $deep (i32.const 0)))))`

suite('profile', (test) => {
  test('counts rounds, calls and returns whose numbers are known', async () => {
    await using t = await shellInFolder()
    const profile = join(t.home, 'rounds.profile')

    const guest = await t.shell.run(await compileWat(rounds), { ...quiet, invoke: 'go', profile })
    await guest.wait({ until: 'end' })

    const read = await readProfile(profile)
    const { module } = guest
    const table = await module.stablePoints()
    const visits = (name: string, kind: string): readonly number[] => {
      const index = module.findFunction(name)
      const points = table.of(index)?.points.filter((point) => point.kind === kind) ?? []
      return points.map(({ pc }) => read.visitsOf(index, pc))
    }
    assert.is(read.module, module.sha256)
    assert.equal(visits('inner', 'loop'), [990])
    assert.equal(visits('deep', 'entry'), [8])
    assert.equal(visits('deep', 'call'), [7])
    assert.equal(visits('tabled', 'loop'), [4, 4])
    assert.equal(visits('go', 'loop'), [9])
    // The branch table goes to where the last call would return: that is no visit.
    assert.equal(visits('go', 'call'), [1, 10, 1, 0])
  })

  for (const name of [
    'atomics',
    'blocks',
    'br-table',
    'calls',
    'host-calls',
    'indirect',
    'loops',
    'multi-value',
    'start',
    'tail-calls',
  ]) {
    test(`counts what stepping sees: ${name}`, async () => {
      await using t = await shellInFolder()
      const module = await textGuest(name)
      const stepped = await t.shell.run(module, { ...quiet, paused: true })
      const expected = await steppedVisits(stepped)

      const counted: (readonly unknown[])[] = []
      for (const options of [{}, { counting: true }, { paused: true }] as RunOptions[]) {
        const profile = join(t.home, 'profile')
        const guest = await t.shell.run(module, { ...quiet, ...options, profile })
        while (guest.state === 'paused') await guest.step(1)
        await guest.wait()
        await guest.kill()
        counted.push((await readProfile(profile)).points)
      }

      assert.ok(expected.length > 0)
      for (const one of counted) assert.equal(one, expected)
    })
  }

  test('counts each guest by itself, others of the module not at all', async () => {
    await using t = await shellInFolder()
    const module = await compileWat(counter(50))
    const run = (name: string, options: RunOptions) =>
      t.shell.run(module, { ...quiet, ...options, profile: join(t.home, name) })
    const guests = await Promise.all([
      run('first', {}),
      run('second', {}),
      t.shell.run(module, quiet),
    ])
    await Promise.all(guests.map((guest) => guest.wait({ until: 'end' })))

    const [first, second] = await Promise.all(
      ['first', 'second'].map(async (name) => (await readProfile(join(t.home, name))).points),
    )
    assert.equal(first, second)
    assert.ok(first?.some(({ visits }) => visits === 49))
  })

  test('is there when a guest exits, traps, is paused or killed, and at the end of the shell', async () => {
    const at = (home: string, name: string): string => join(home, name)
    const visitsAt = async (file: string): Promise<number> =>
      (await readProfile(file)).points.reduce((sum, { visits }) => sum + visits, 0)
    await using t = await shellInFolder()
    const exits = await t.shell.run(await compileWat(copier), {
      ...quiet,
      profile: at(t.home, 'exits'),
    })
    assert.equal(await exits.wait(), { kind: 'ended', code: 3 })
    // _start and fd_read; proc_exit never returns.
    assert.is(await visitsAt(at(t.home, 'exits')), 2)

    const traps = await t.shell.run(await compileWat(recursion), {
      ...quiet,
      stackBytes: 4096,
      profile: at(t.home, 'traps'),
    })
    assert.is((await traps.wait()).kind, 'trapped')
    const { points } = await readProfile(at(t.home, 'traps'))
    // Each frame has been entered, and none has come back.
    assert.equal(points, [{ function: 0, pc: 0, visits: traps.frames().length }])

    const spins = await t.shell.run(await compileWat(spinner), {
      ...quiet,
      profile: at(t.home, 'spins'),
    })
    await spins.pause()
    const paused = await visitsAt(at(t.home, 'spins'))
    spins.resume()
    await spins.kill()
    assert.ok((await visitsAt(at(t.home, 'spins'))) >= paused)

    await t.shell.run(await compileWat(spinner), { ...quiet, profile: at(t.home, 'closed') })
    await t.shell.close()
    assert.ok(existsSync(at(t.home, 'closed')))
  })

  test('takes the place of what a file held, through links, and leaves nothing beside it', async () => {
    await using t = await shellInFolder()
    const folder = join(t.home, 'folder')
    mkdirSync(folder)
    const [file, link] = [join(folder, 'profile'), join(folder, 'link')]
    writeFileSync(file, 'something else')
    symlinkSync(file, link)
    for (const count of [5, 3]) {
      const guest = await t.shell.run(await compileWat(counter(count)), {
        ...quiet,
        profile: link,
      })
      await guest.wait({ until: 'end' })
      assert.is((await readProfile(file)).points.at(-1)?.visits, count)
    }
    assert.equal(readdirSync(folder).sort(), ['link', 'profile'])
  })

  test('refuses what cannot be written, before the guest runs', async () => {
    await using t = await shellInFolder()
    const module = await compileWat(counter(1))
    for (const profile of [join(t.home, 'no', 'folder'), t.home, '/dev/null']) {
      await rejectsCode('ERR_WASMSH_PROFILE_WRITE', () => t.shell.run(module, { profile }))
    }
    assert.equal(t.shell.guests(), [])
  })

  test('tells of a file that cannot be written at the end', async () => {
    await using t = await shellInFolder()
    const told: WasmshError[] = []
    const profile = join(t.home, 'profile')
    const guest = await t.shell.run(await compileWat(spinner), {
      ...quiet,
      profile,
      onProfileFailure: (error) => told.push(error),
    })
    mkdirSync(profile)
    await guest.kill()
    assert.equal(
      told.map(({ code }) => code),
      ['ERR_WASMSH_PROFILE_WRITE'],
    )
    assert.equal(readdirSync(profile), [])
  })

  test('refuses compiled code, and runs in the interpreter with "auto"', async () => {
    await using t = await shellInFolder()
    const profile = join(t.home, 'profile')
    const module = await compileWat(counter(2))
    await rejectsCode('ERR_WASMSH_NEEDS_INTERPRETER', () =>
      t.shell.run(module, { profile, engine: 'aot' }),
    )
    const vectors = await textGuest('vectors')
    await rejectsCode('ERR_WASMSH_NEEDS_INTERPRETER', () => t.shell.run(vectors, { profile }))
    assert.not(existsSync(profile))
    const guest = await t.shell.run(module, { ...quiet, profile, engine: 'auto' })
    assert.is(guest.info().engine, 'interp')
    await guest.wait({ until: 'end' })
    assert.ok(existsSync(profile))
  })

  test('refuses files that are missing, damaged, of another version or another module', async () => {
    await using t = await shellInFolder()
    const profile = join(t.home, 'profile')
    const guest = await t.shell.run(await compileWat(counter(2)), { ...quiet, profile })
    await guest.wait({ until: 'end' })
    const text = readFileSync(profile, 'utf8')
    const read = async (changed: string) => {
      const file = join(t.home, 'changed')
      writeFileSync(file, changed)
      const found = await readProfile(file)
      found.requireFor(guest.module, await guest.module.stablePoints(), file)
    }

    await rejectsCode('ERR_WASMSH_PROFILE_FILE', () => readProfile(join(t.home, 'nowhere')))
    await rejectsCode('ERR_WASMSH_PROFILE_FILE', () => readProfile(t.home))
    for (const damaged of [
      '',
      text.slice(0, -5),
      '{}',
      'null',
      '[]',
      text.replace('"version":1', '"version":1,"more":2'),
      text.replace('[1,0,', '[1,0,-'),
      text.replace('[1,0,', '[1,1,'),
      text.replace('[1,0,', '[99,0,'),
    ]) {
      assert.is.not(damaged, text)
      await rejectsCode('ERR_WASMSH_PROFILE_INVALID', () => read(damaged))
    }
    const newer = await rejectsCode('ERR_WASMSH_PROFILE_INVALID', () =>
      read(text.replace('"version":1', '"version":7')),
    )
    assert.match(newer.message, /version 7/)
    const foreign = text
      .replace(/"module":"."/, '"module":"0"')
      .replace(/[0-9a-f]{64}/, '0'.repeat(64))
    await rejectsCode('ERR_WASMSH_PROFILE_MODULE', () => read(foreign))
    await read(text)
  })
}, 60_000)
