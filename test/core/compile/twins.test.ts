/** Twins that are made of the frames at hand, by which a guest goes on in compiled code. */
import * as assert from 'uvu/assert'
import type { Guest, Shell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { textGuest } from '../../support/guest-programs.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'

interface Ending {
  readonly stdout: string
  readonly outcome: string
  /** Times that it moved from the interpreter to compiled code. */
  readonly crossings: number
}

/** Lets a guest that stands still go on to its end. */
async function goOn(guest: Guest): Promise<Ending> {
  let stdout = ''
  let crossings = 0
  guest.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1')
  })
  guest.stderr?.resume()
  guest.on('crossed', () => crossings++)
  guest.resume()
  await guest.wait()
  const outcome = guest.trap?.reason ?? String(guest.exitCode)
  if (guest.state === 'trapped') await guest.kill()
  return { stdout, outcome, crossings }
}

const still = { stdin: 'null', deterministic: true, paused: true } as const

/** Stores a guest in compiled code at up to so many of its stops; returns what it wrote by then. */
async function store(shell: Shell, bytes: Uint8Array, most: number): Promise<readonly string[]> {
  const guest = await shell.run(bytes, { ...still, engine: 'aot' })
  let stdout = ''
  guest.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1')
  })
  guest.stderr?.resume()
  const before: string[] = []
  while (guest.state === 'paused' && before.length < most) {
    guest.resume()
    void guest.pause().catch(() => undefined)
    await guest.wait()
    if (guest.state !== 'paused') break
    await guest.whenWritten()
    await guest.snapshot(`at-${before.length}`, { sync: false, force: true })
    before.push(stdout)
  }
  await guest.kill()
  return before
}

suite('Twins on demand', (test) => {
  if (!hasCompiler) return test.skip('let a guest go on in compiled code', noCompiler)

  for (const name of ['calls', 'indirect', 'loops', 'references']) {
    for (const waitForCode of [true, 'quick'] as const) {
      test(`${name} goes on in ${waitForCode === true ? '' : 'quick '}compiled code from its stable points`, async () => {
        await using b = await shellInFolder()
        const { shell } = b
        const bytes = await textGuest(name)
        const expected = await goOn(await shell.run(bytes, still))
        // It may end before the first request to pause gets to it: then it is run again.
        let before = await store(shell, bytes, 6)
        while (before.length === 0) before = await store(shell, bytes, 6)

        for (const [index, written] of before.entries()) {
          const guest = await shell.recover(`at-${index}`, {
            engine: 'aot',
            waitForCode,
            paused: true,
          })
          const { stdout, outcome, crossings } = await goOn(guest)

          assert.is(written + stdout, expected.stdout)
          assert.is(outcome, expected.outcome)
          // Better ones come later, if it is still there.
          if (waitForCode === 'quick') assert.ok(crossings >= 1)
          else assert.is(crossings, 1)
        }
      })
    }
  }
}, 120_000)
