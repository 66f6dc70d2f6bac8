/** A snapshot of a real guest, of which single bits are changed. */
import { chmod, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { WasmshError } from '../../src/core/errors.js'
import { pageBytes } from '../../src/core/snapshot/memory-index.js'
import type { Shell } from '../../src/index.js'
import { takeFormatSnapshots } from '../support/format-guest.js'
import { shellBench } from '../support/shell-bench.js'
import type { Define } from '../support/suite.js'
import { stateOf } from '../support/sweep-state.js'

export interface DamageOptions {
  /** Bits to flip of each byte that is tried: one that differs from byte to byte, or all. */
  readonly bits: 'one' | 'all'
  /** Every how many bytes of the stored pages of a memory; of all other files it is every byte. */
  readonly pageStep: number
}

/** Defines a test for each file that recovery reads. */
export function defineDamageTests(test: Define, options: DamageOptions): void {
  const files = [
    ...['manifest.json', 'state.bin', 'memory-0.idx', 'memory-0.img', 'memory-0.img of the parent'],
    ...['plugin-files.json', 'bindings.json', 'module.wasm'],
  ]
  for (const file of files) {
    test(`recovery refuses any flipped bit of ${file}, or does not need it`, async () => {
      await using bench = await shellBench()
      const { shell } = bench
      const [parent, child] = await takeFormatSnapshots(shell, join(bench.folder, 'data'))
      assert.ok(parent !== undefined && child !== undefined)
      assert.is(child.manifest.memories[0]?.images.length, 2)
      const paths: Readonly<Record<string, string>> = {
        'memory-0.img of the parent': join(parent.directory, 'memory-0.img'),
        'module.wasm': await onlyFile(join(shell.store.home, 'modules')),
      }

      const path = paths[file] ?? join(child.directory, file)
      const { refused, needless } = await damage(shell, child.name, path, options)

      assert.ok(refused > 0)
      // Of an image, what no extent covers.
      if (!file.startsWith('memory-0.img')) assert.is(needless, 0)
    })
  }
}

async function onlyFile(folder: string): Promise<string> {
  const [first, ...others] = await readdir(folder)
  assert.is(others.length, 0)
  return join(folder, first ?? '')
}

/** Flips bits of a file, one at a time, and tries to recover. */
async function damage(
  shell: Shell,
  name: string,
  path: string,
  { bits, pageStep }: DamageOptions,
): Promise<{ refused: number; needless: number }> {
  const whole = await recoveredState(shell, name)
  const counts = { refused: 0, needless: 0 }
  await chmod(path, 0o600)
  await using file = await open(path, 'r+')
  const contents = await readFile(path)
  for (const at of placesIn(contents, path.endsWith('.img') ? pageStep : 1)) {
    const good = contents[at] ?? 0
    for (const bit of bits === 'all' ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]) {
      await file.write(Uint8Array.of(good ^ (1 << bit)), 0, 1, at)
      const state = await recoveredState(shell, name)
      if (state === null) counts.refused++
      else {
        assert.is(state, whole, `bit ${bit} of byte ${at} of ${path} was not missed`)
        counts.needless++
      }
    }
    await file.write(Uint8Array.of(good), 0, 1, at)
  }
  assert.is(await recoveredState(shell, name), whole)
  return counts
}

/** Every `step`-th byte, and fewer of a hole. */
function* placesIn(contents: Buffer, step: number): Generator<number> {
  for (let page = 0; page < contents.length; page += pageBytes) {
    const end = Math.min(page + pageBytes, contents.length)
    const isHole = contents.subarray(page, end).every((byte) => byte === 0)
    for (let at = page; at < end; at += isHole ? 1021 : step) yield at
  }
}

/** The state of the guest that a snapshot gives; null when it is refused, and then nothing runs. */
async function recoveredState(shell: Shell, name: string): Promise<string | null> {
  try {
    const guest = await shell.recover(name, { paused: true })
    const state = stateOf(guest)
    await guest.kill()
    return state
  } catch (error) {
    assert.ok(error instanceof WasmshError && error.kind === 'user', String(error))
    assert.ok(error.hint.length > 0)
    const running = shell.guests().filter(({ state }) => state !== 'killed')
    assert.equal(
      running.map((guest) => guest.name),
      [],
    )
    return null
  }
}
