import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { runCli } from './support/run-cli.js'
import { suite } from './support/suite.js'
import { temporaryDirectory } from './support/temporary-directory.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const prompt = 'wasmsh> '

/** The first block of the README in a language. */
async function block(language: string): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const text = readme.split(`\`\`\`${language}\n`)[1]?.split('```')[0]
  if (text === undefined) throw new Error(`README.md has no block of ${language}`)
  return text
}

/** Process numbers differ from run to run. */
const normalise = (line: string) => line.replace(/process \d+/, 'process N').trimEnd()

suite('README.md', (test) => {
  test('shows what its commands print', async () => {
    await using home = await temporaryDirectory()
    const lines = (await block('console')).trimEnd().split('\n')
    const commands = lines.filter((line) => line.startsWith(prompt))
    const shown = lines.filter((line) => !line.startsWith(prompt) && line !== '...')
    const script = commands.map((line) => line.slice(prompt.length)).join('\n')

    const result = await runCli(['-'], { home: home.path, input: script })

    assert.is(result.code, 0, result.stderr)
    const printed = result.stdout.split('\n').map(normalise)
    let from = 0
    for (const line of shown.map(normalise)) {
      const at = printed.indexOf(line, from)
      assert.ok(at >= from, `"${line}" is printed where README.md shows it:\n${result.stdout}`)
      from = at + 1
    }
  })

  test('has a script that runs', async () => {
    await using home = await temporaryDirectory()

    const result = await runCli(['-'], { home: home.path, input: await block('wsh') })

    assert.is(result.code, 0, result.stderr)
    assert.match(result.stdout, /25 primes up to 100/)
  })

  test('has a program that runs', async () => {
    await using folder = await temporaryDirectory()
    const program = join(folder.path, 'program.mts')
    const entry = JSON.stringify(join(root, 'src', 'index.ts'))
    await writeFile(program, (await block('ts')).replace(`'wasmsh'`, entry))

    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program], {
      cwd: root,
      env: { ...process.env, WASMSH_HOME: join(folder.path, 'home') },
    })

    assert.match(stdout, /name: 'is_prime'/)
  })
}, 60_000)
