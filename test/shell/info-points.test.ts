/** The table of stable points that `info points` shows. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { instrument } from '../../src/core/aot/instrument.js'
import { StablePoints } from '../../src/core/aot/stable-points.js'
import { textGuest } from '../support/guest-programs.js'
import { counter } from '../support/guests.js'
import { suite } from '../support/suite.js'
import { openTestSession, type TestSession } from '../support/test-session.js'
import { rejectsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

interface Points {
  readonly functions: number
  readonly suspendable: number
  readonly points: readonly Record<string, unknown>[]
}

async function withModule(bytes: Uint8Array): Promise<TestSession & { file: string }> {
  const session = await openTestSession([])
  const file = join(session.folder, 'module.wasm')
  writeFileSync(file, bytes)
  return { ...session, file }
}

async function pointsOf(t: TestSession, words: string): Promise<Points> {
  return ((await t.json(`info points ${words}`)) as { result: Points }).result
}

suite('info points', (test) => {
  test('lists functions by name, offsets, kinds, and what is called', async () => {
    await using t = await withModule(await compileWat(counter(5)))

    const lines = (await t.line(`info points ${t.file}`)).split('\n')

    // The offsets are those of "disassemble": a loop's first instruction, the one behind a call.
    const module = await t.shell.loadModule(t.file)
    const [digit, start] = [1, 2].map((index) => module.disassemble(index))
    const behind = (code: typeof digit, call: string): number | undefined => {
      const at = code?.findIndex(({ text }) => text.startsWith(call)) ?? -1
      return code?.[at + 1]?.pc
    }
    const hex = (pc: number | undefined): string => `0x${pc?.toString(16)}`
    assert.equal(
      lines.map((line) => line.trim().split(/ +/)),
      [
        ['INDEX', 'FUNCTION', 'PC', 'KIND', 'CALLS'],
        ['1', 'digit', '0x0', 'entry'],
        ['1', 'digit', hex(behind(digit, 'call')), 'call', 'fd_write'],
        ['2', '_start', '0x0', 'entry'],
        ['2', '_start', hex(behind(start, 'loop')), 'loop'],
        ['2', '_start', hex(behind(start, 'call')), 'call', 'digit'],
        '5 stable points in 2 of 3 functions'.split(' '),
      ],
    )
  })

  for (const name of ['calls', 'indirect', 'loops', 'multi-value', 'tail-calls']) {
    test(`is the table of the pass: ${name}`, async () => {
      const bytes = await textGuest(name)
      await using t = await withModule(bytes)
      const table = new StablePoints(instrument(bytes, { twins: 'all' }).points)
      const expected = [...table.suspendable()].flatMap((index) =>
        (table.of(index)?.points ?? []).map(({ call: _, ...point }) => ({
          function: index,
          ...point,
        })),
      )

      const found = await pointsOf(t, t.file)

      assert.ok(expected.length > 0)
      assert.equal(
        found.points.map(({ name: _, calls: __, ...point }) => point),
        expected,
      )
      assert.is(found.functions, table.functions)
    })
  }

  test('tells what a guest and a snapshot can stop at, and one function alone', async () => {
    await using t = await withModule(await compileWat(counter(5)))
    const expected = await pointsOf(t, t.file)
    await t.line(`run ${t.file} --name points --paused`)
    await t.line('snapshot here')

    for (const words of ['', 'points', 'snapshot:here', '--guest snapshot:here']) {
      assert.equal((await pointsOf(t, words)).points, expected.points, words)
    }
    assert.equal(
      (await pointsOf(t, '--function digit')).points,
      expected.points.filter(({ name }) => name === 'digit'),
    )
    assert.match(await t.line("info points --function '#0'"), /^fd_write has no stable points/)
    assert.match(await t.line('info --guest points'), /^points /)
  })

  test('fits 80 columns, and shows the first hundred unless told otherwise', async () => {
    const name = 'namespace::'.repeat(20)
    const calls = `(call $${name})`.repeat(150)
    await using t = await withModule(
      await compileWat(`(module (import "env" "f" (func $${name}))
        (func $outer_${name} (export "go") ${calls}))`),
    )

    const lines = (await t.line(`info points ${t.file}`)).split('\n')
    const all = (await t.line(`info points ${t.file} --all`)).split('\n')

    assert.is(lines.length, 1 + 100 + 1)
    assert.is(all.length, 1 + 151 + 1)
    assert.is(lines.at(-1), '151 stable points in 1 of 2 functions; 51 more with --all')
    for (const line of [...lines, ...all]) assert.ok(line.length <= 80, line)
    assert.is((await pointsOf(t, t.file)).points.length, 151)
  })

  test('shows the visits of a profile, all or the most visited', async () => {
    await using t = await withModule(await compileWat(counter(12345)))
    const profile = join(t.folder, 'profile')
    await t.line(`run ${t.file} --profile ${profile}`)

    const lines = (await t.line(`info points ${t.file} --profile ${profile}`)).split('\n')
    const hot = (await t.line(`info points ${t.file} --profile ${profile} --hot 4`)).split('\n')
    const words = (line: string): readonly string[] => line.trim().split(/ +/)

    assert.equal(words(lines[0] ?? ''), ['INDEX', 'FUNCTION', 'PC', 'KIND', 'VISITS', 'CALLS'])
    assert.equal(
      lines.slice(1, -1).map((line) => words(line)[4]),
      ['12345', '12345', '1', '12344', '12345'],
    )
    assert.is(lines.at(-1), '5 stable points in 2 of 3 functions')
    assert.equal(
      hot.slice(1, -1).map((line) => words(line)[4]),
      ['12345', '12345', '12345', '12344'],
    )
    assert.is(hot.at(-1), 'the most visited, 4 of 5 stable points in 2 of 3 functions')
    for (const line of [...lines, ...hot]) assert.ok(line.length <= 80, line)

    const { points } = await pointsOf(t, `${t.file} --profile ${profile} --hot 1`)
    assert.equal(
      points.map(({ name, visits }) => [name, visits]),
      [['digit', 12345]],
    )
    assert.match(
      await t.line(`info points ${t.file} --function '#0' --profile ${profile} --hot 1`),
      /^No stable point was visited/,
    )
    await t.line(`run ${t.file} --name counted --paused --profile ${profile}`)
    assert.match(await t.line(`info points counted --profile ${profile}`), / entry +0$/m)
  })

  test('refuses a profile that is missing, or of another module', async () => {
    await using t = await withModule(await compileWat(counter(5)))
    const profile = join(t.folder, 'profile')
    const other = join(t.folder, 'other.wasm')
    writeFileSync(other, await compileWat(counter(6)))
    await t.line(`run ${other} --profile ${profile}`)

    await rejectsCode('ERR_WASMSH_PROFILE_MODULE', () =>
      t.line(`info points ${t.file} --profile ${profile}`),
    )
    await rejectsCode('ERR_WASMSH_PROFILE_FILE', () =>
      t.line(`info points ${t.file} --profile ${profile}.not`),
    )
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line(`info points ${t.file} --hot 3`))
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () =>
      t.line(`info points ${other} --profile ${profile} --hot 0`),
    )
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line(`info --profile ${profile}`))
    await rejectsCode('ERR_WASMSH_NEEDS_INTERPRETER', () =>
      t.line(`run ${other} --profile ${profile} --engine aot`),
    )
  })

  test('says when there are none', async () => {
    await using t = await withModule(await compileWat('(module (func))'))
    assert.match(await t.line(`info points ${t.file}`), /^No stable points/)
    assert.equal((await pointsOf(t, t.file)).points, [])
  })

  test('refuses what is no module and no guest', async () => {
    await using t = await withModule(new TextEncoder().encode('no module'))
    await rejectsCode('ERR_WASMSH_MODULE_NOT_WASM', () => t.line(`info points ${t.file}`))
    await rejectsCode('ERR_WASMSH_MODULE_FILE', () => t.line(`info points ${t.file}.wasm`))
    await rejectsCode('ERR_WASMSH_GUEST_UNKNOWN', () => t.line('info points nobody'))
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('info one two'))
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('info points one two'))
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('info --all'))
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('info --function f'))
  })
}, 60_000)
