import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { checkout, cliCommand } from './support/cli-command.js'
import { suite } from './support/suite.js'
import { temporaryDirectory } from './support/temporary-directory.js'

interface Block {
  readonly language: string
  readonly text: string
  /** File that the block is, when the line before says so. */
  readonly file: string | null
}

/** The blocks of the page in their order. */
function blocks(): readonly Block[] {
  const page = readFileSync(join(checkout, 'docs', 'plugins.md'), 'utf8')
  const pattern = /(?:^`([\w.-]+)`:\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm
  return [...page.matchAll(pattern)].map(([, file, language = '', text = '']) => ({
    language,
    text,
    file: file ?? null,
  }))
}

/** A folder in which the packages are that the page installs. */
function install(folder: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  symlinkSync(checkout, join(modules, 'wasmsh'))
  symlinkSync(join(checkout, 'node_modules', 'wabt'), join(modules, 'wabt'))
}

/** Runs a line of a console block; "npx" finds what is installed. */
function run(line: string, folder: string): string {
  const [program = '', ...cli] = [process.execPath, ...cliCommand().map(absolute)]
  const command = line
    .replace(/^npx wasmsh/, [program, ...cli].map((word) => `'${word}'`).join(' '))
    .replace(/^npx wat2wasm/, `'${program}' node_modules/wabt/bin/wat2wasm`)
  const env = { ...process.env, NO_COLOR: '1', WASMSH_HOME: join(folder, 'store') }
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 120_000, input: '' } as const
  const { stdout, stderr } = spawnSync('sh', ['-c', command], options)
  return stdout + stderr
}

/** How many laws there are changes more often than the page. */
const normalise = (line: string): string =>
  line.replace(/\d+ passed|\d+ say/g, (text) => text.replace(/\d+/, 'N')).trimEnd()

function absolute(word: string): string {
  if (word === 'tsx') return import.meta.resolve('tsx')
  return word.startsWith('-') ? word : join(checkout, word)
}

suite('docs/plugins.md', (test) => {
  test('builds a plugin that does what the page shows', async () => {
    await using folder = await temporaryDirectory()
    install(folder.path)
    let shown = 0
    for (const { language, text, file } of blocks()) {
      if (file !== null) {
        writeFileSync(join(folder.path, file), text)
        continue
      }
      if (language === 'sh') continue
      assert.is(language, 'console', `a block of ${language} is no file`)
      for (const part of text.split(/^\$ /m).slice(1)) {
        const [line = '', ...expected] = part.trimEnd().split('\n')
        const printed = run(line, folder.path).split('\n').map(normalise)
        let from = 0
        for (const wanted of expected.filter((one) => one !== '...').map(normalise)) {
          const at = printed.indexOf(wanted, from)
          assert.ok(at >= from, `"${wanted}" is printed by ${line}:\n${printed.join('\n')}`)
          from = at + 1
          shown++
        }
      }
    }
    assert.ok(shown >= 10, `${shown} lines were compared`)
  })
}, 240_000)
