/** Loops that the compiler cuts into pieces without polls, and recursion that it unrolls. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { instrument } from '../../../src/core/aot/instrument.js'
import { findBuilt } from '../../../src/core/built.js'
import { type Guest, openShell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { guestSource } from '../../support/guest-programs.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

/** What a guest has written when it has ended, and how often it was paused on the way. */
async function runToEnd(
  guest: Guest,
  onStop: (guest: Guest, stop: number) => void,
): Promise<{ readonly written: string; readonly stops: number }> {
  let written = ''
  let stops = 0
  guest.stdout?.on('data', (chunk: Buffer) => {
    written += chunk.toString('hex')
  })
  guest.stderr?.resume()
  for (await guest.wait(); guest.state === 'paused'; await guest.wait()) {
    onStop(guest, stops++)
  }
  assert.is(guest.exitCode, 0)
  await guest.whenWritten()
  return { written, stops }
}

/** A compiler that lets loops run for the least number of rounds between two polls. */
async function impatientCompiler(folder: string, ...options: readonly string[]): Promise<string> {
  const real = findBuilt('wasmsh-compiler')
  const path = join(folder, 'compiler.sh')
  const tries = real.map((one) => `[ -x '${one}' ] && exec '${one}' ${options.join(' ')} "$@"`)
  await writeFile(path, ['#!/bin/sh', ...tries, ''].join('\n'))
  await chmod(path, 0o755)
  return path
}

/** Each point of each function that a guest of ours has. */
const allPoints = Array.from({ length: 64 * 64 }, (_, at) => `${at >> 6} ${at & 63}\n`).join('')

const options = { stdin: 'null', deterministic: true } as const

/** Does something with 30,000 numbers of 8 bytes, one after the other. */
const walk = (body: string): string => `(module
  (memory (export "memory") 4)
  (func (export "walk") (result i64) (local $i i32) (local $sum i64)
    (loop $again
      ${body}
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30000))))
    (local.get $sum)))`
const address = '(i32.shl (local.get $i) (i32.const 3))'
const reading = walk(
  `(local.set $sum (i64.xor (i64.load ${address}) (i64.mul (local.get $sum) (i64.const 3))))`,
)
const writing = walk(
  `(i64.store ${address} (i64.extend_i32_u (i32.mul (local.get $i) (local.get $i))))`,
)

/** A loop of at most six rounds, in a function that becomes a part of the loop that calls it. */
const inlined = `(module
  (memory (export "memory") 1)
  (func $factorial (param $n i32) (result i32) (local $i i32) (local $product i32)
    (local.set $product (i32.const 1))
    (if (i32.lt_s (local.get $n) (i32.const 1)) (then (return (local.get $product))))
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $product (i32.mul (local.get $product) (local.get $i)))
      (br_if $again (i32.ne (local.get $i) (local.get $n))))
    (local.get $product))
  (func (export "go") (result i32) (local $i i32) (local $at i32)
    (local.set $i (i32.const 1))
    (loop $again
      (i32.store (local.get $at) (call $factorial (local.get $i)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7))))
    (i32.load (i32.const 20))))`

suite('Polls of short loops', (test) => {
  if (!hasCompiler) return test.skip('are taken out with their cold paths', noCompiler)

  test('are taken out with their cold paths', async () => {
    await using folder = await temporaryDirectory()
    const shell = await openShell({ home: folder.path })
    const go = { ...options, engine: 'aot', invoke: 'go' } as const
    const guest = await shell.run(await compileWat(inlined), go)
    await guest.wait()
    assert.is(guest.results[0]?.text, '720')
    await shell.close()
  })
}, 60_000)

suite('Pieces of loops', (test) => {
  if (!hasCompiler) return test.skip('are shorter where memory may be new', noCompiler)

  test('are shorter where memory may be new', async () => {
    await using folder = await temporaryDirectory()
    const [file, code] = [join(folder.path, 'module.wasm'), join(folder.path, 'code.aot')]
    const program = findBuilt('wasmsh-compiler').find((path) => existsSync(path)) ?? ''
    const cuts = async (text: string): Promise<RegExpExecArray | null> => {
      await writeFile(file, instrument(await compileWat(text), { twins: 'open' }).bytes)
      const out = execFileSync(program, ['--progress', `--output=${code}`, file], { stdio: 'pipe' })
      return /"dropped":\d+,"chunked":\d+,"versioned":\d+/.exec(String(out))
    }
    assert.is((await cuts(reading))?.[0], '"dropped":1,"chunked":0,"versioned":0')
    assert.is((await cuts(writing))?.[0], '"dropped":0,"chunked":1,"versioned":0')
  })
})

suite('Long loops in compiled code', (test) => {
  if (!hasCompiler) return test.skip('are left at each poll', noCompiler)

  const cases = [
    { name: 'cut', flags: ['--poll-budget=1'] },
    { name: 'polled each time', flags: ['--no-drop-polls', '--no-version-loops'] },
    { name: 'thinned', flags: ['--no-drop-polls', '--no-version-loops'], isHot: true },
  ]
  for (const { name, flags, isHot = false } of cases) {
    test(`${name}: stopped again and again, they compute the same`, async () => {
      await using folder = await temporaryDirectory()
      const all = join(folder.path, 'all.txt')
      await writeFile(all, allPoints)
      const hot = isHot ? [`--hot-loops=${all}`] : []
      const program = await impatientCompiler(folder.path, ...flags, ...hot)
      const shell = await openShell({ home: folder.path, compiler: program })
      const text = await readFile(guestSource('long-loops.wat'), 'utf8')
      const go = (guest: Guest): void => guest.resume()
      const few = await compileWat(text)
      const expected = await runToEnd(await shell.run(few, options), go)
      const compiled = { ...options, engine: 'aot' } as const
      assert.equal(await runToEnd(await shell.run(few, compiled), go), expected)

      // More turns than the interpreter could take: to be met often.
      const many = await compileWat(text.replace('(i32.const 100)', '(i32.const 5000)'))
      const inOne = await runToEnd(await shell.run(many, compiled), go)
      const guest = await shell.run(many, { ...compiled, paused: true })
      const { written, stops } = await runToEnd(guest, (one, stop) => {
        one.resume()
        if (stop < 200) void one.pause().catch(() => undefined) // at the next poll, or never
      })

      assert.is(written, inOne.written)
      assert.is.not(written, expected.written)
      assert.is(written.length, 16)
      assert.ok(stops > 0)
      await shell.close()
    })
  }
}, 120_000)
