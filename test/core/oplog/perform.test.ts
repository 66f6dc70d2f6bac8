/** The log of a run is performed, call by call, against another WASI implementation: uvwasi. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Guest, type Operation, openShell, Performer } from '../../../src/index.js'
import {
  comparePerformed,
  type Difference,
  knownDifferences,
} from '../../support/compare-performed.js'
import { suite } from '../../support/suite.js'
import { treeOf } from '../../support/sweep-tree.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { cProgram, goProgram } from '../../support/toolchains.js'
import { openUvwasi } from '../../support/uvwasi.js'

const files = { words: 'one two\nthree four\nfive\n', kept: 'kept as it is' }
/** More than the programs read or write at once. */
const mostBytes = 1024 * 1024

interface Comparison {
  readonly performed: number
  readonly differences: readonly Difference[]
  readonly trees: readonly [string, string]
  readonly outputs: readonly [string, string]
}

async function runAndPerform(module: string, args: readonly string[] = []): Promise<Comparison> {
  await using folder = await temporaryDirectory()
  const path = (name: string) => join(folder.path, name)
  for (const name of ['here', 'there', 'streams']) mkdirSync(path(name))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path(join('here', name)), text)
    writeFileSync(path(join('there', name)), text)
  }
  const shell = await openShell({ home: path('store') })
  try {
    const guest = await shell.run(module, {
      args,
      dirs: [{ host: path('here'), guest: '/data' }],
      stdin: 'null',
      stdout: { file: path('stdout') },
      recordData: true,
    })
    await guest.wait()
    using target = await openUvwasi(path('there'), path('streams'), mostBytes)
    const performer = new Performer(target)
    const differences: Difference[] = []
    let performed = 0
    for (const operation of operationsOf(guest)) {
      const bytes = guest.log?.readBytes(operation) ?? null
      const result = performer.perform(operation, bytes)
      if (result === null) continue
      performed++
      differences.push(...comparePerformed(result, bytes))
    }
    const text = (...names: string[]) => readFileSync(path(join(...names)), 'utf8')
    return {
      performed,
      differences,
      trees: [treeOf(path('here')), treeOf(path('there'))],
      outputs: [text('stdout'), text('streams', 'stdout')],
    }
  } finally {
    await shell.close()
  }
}

function operationsOf({ log }: Guest): readonly Operation[] {
  return log?.read(1n, 100_000) ?? []
}

/** "path_open errno isdir": what differs first and is not listed; null when nothing is. */
function firstUnlisted({ differences }: Comparison): string | null {
  const first = differences.find(({ known }) => known === null)
  return first === undefined ? null : `${first.call} ${first.what} ${first.actual}`
}

const inC = await cProgram('filework')
const inGo = await goProgram('filework')

suite('a log performed by uvwasi', (test) => {
  if (inC.missing !== undefined) test.skip('a C program', inC.missing)
  else {
    const { module } = inC
    test('gives the same results and the same files', async () => {
      const comparison = await runAndPerform(module, ['stay'])
      const { performed, differences, trees, outputs } = comparison
      assert.equal(
        differences.filter(({ known }) => known === null),
        [],
      )
      assert.ok(performed >= 250, `${performed} operations`)
      assert.is(trees[1], trees[0])
      assert.is(outputs[1], outputs[0])
      const met = new Set(differences.map(({ known }) => known))
      assert.equal(
        knownDifferences.filter((one) => !met.has(one)),
        [],
        'listed, but no difference',
      )
    })

    test('loses a directory that is renamed while open', async () => {
      const comparison = await runAndPerform(module)
      assert.is(firstUnlisted(comparison), 'path_create_directory errno noent')
    })
  }

  if (inGo.missing !== undefined) test.skip('a Go program', inGo.missing)
  else {
    const { module } = inGo
    test('does not open a directory with the right to set its size', async () => {
      const comparison = await runAndPerform(module)
      const opens = comparison.differences.filter(({ call }) => call === 'path_open')
      assert.is(opens[0]?.actual, 'isdir')
      assert.is(comparison.trees[1], comparison.trees[0])
    })
  }

  test('differs in nothing but what docs/op-log.md lists', () => {
    const page = readFileSync(new URL('../../../docs/op-log.md', import.meta.url), 'utf8')
    const section = page.split('\n## ').find((one) => one.startsWith('Differences'))
    const rows = [...(section ?? '').matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)]
    assert.equal(
      rows.map(([, call, what]) => `${call} ${what}`).sort(),
      knownDifferences.map(({ call, what }) => `${call} ${what}`).sort(),
    )
  })
}, 120_000)
