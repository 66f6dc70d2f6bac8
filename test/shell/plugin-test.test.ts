import { join, relative } from 'node:path'
import * as assert from 'uvu/assert'
import { counterText, writePackage } from '../support/plugin-package.js'
import { jsonLines, runCli } from '../support/run-cli.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { openTestSession } from '../support/test-session.js'
import { rejectsCode } from '../support/throws.js'

const good = counterText({ more: 'backwards: "replay",' }).replace(
  'return state\n',
  'if (Object.keys(state).length === 1) return state\n',
)
const samples = `export default {
  scenes: [{ name: 'one opened', ops: [{ call: 'sock_accept', creates: 'counter/1' }] }],
}`
/** record counts calls that failed as well. */
const bad = good.replace('if (op.creates !== null) this.opened++', 'this.opened++')

suite('wasmsh plugin test', (test) => {
  test('says ok for each law that is kept, and exits with 0', async () => {
    await using folder = await temporaryDirectory()
    writePackage(folder.path, { 'index.js': good, 'samples.js': samples })

    const result = await runCli(['plugin', 'test', folder.path], { home: folder.path })

    assert.is(result.code, 0, result.stdout + result.stderr)
    assert.match(result.stdout, /^ok {4}contract +the plugin is as the contract wants it$/m)
    assert.match(result.stdout, /^ok {4}recover-snapshot /m)
    assert.match(result.stdout, /^- {5}plan-tells /m)
    assert.match(result.stdout, /^counter, state 1, 1 scene: \d+ passed, 0 failed/m)
  })

  test('says which law is broken where, and exits with 2; as JSON too', async () => {
    await using folder = await temporaryDirectory()
    writePackage(folder.path, { 'index.js': bad, 'test/samples.js': samples })

    const result = await runCli(['plugin', 'test', folder.path], { home: folder.path })
    assert.is(result.code, 2)
    assert.match(
      result.stdout,
      /^FAIL {2}record-takes-any .*\n {6}in "nothing": the state after calls that failed differs at opened: 2 instead of 0$/m,
    )

    const asJson = await runCli(['plugin', 'test', folder.path, '--json'], { home: folder.path })
    assert.is(asJson.code, 2)
    const [{ result: report }] = jsonLines(asJson.stdout) as [
      { result: { failed: number; results: { law: string; status: string; message: string }[] } },
    ]
    assert.ok(report.failed > 0)
    assert.ok(report.results.some(({ law, status }) => law === 'contract' && status === 'passed'))
  })

  test('fails without samples, and says where they go', async () => {
    await using folder = await temporaryDirectory()
    writePackage(folder.path, { 'index.js': good })

    const result = await runCli(['plugin', 'test', folder.path], { home: folder.path })

    assert.is(result.code, 2)
    assert.match(result.stdout, /^FAIL {2}samples /m)
    assert.match(result.stdout, /hint: declare samples in samples\.js/)
  })
}, 30_000)

suite('plugin test', (test) => {
  test('takes samples from where package.json says', async () => {
    await using t = await openTestSession([])
    const kit = writePackage(join(t.folder, 'kit'), {
      'package.json': JSON.stringify({ type: 'module', wasmsh: { samples: './lib/s.js' } }),
      'index.js': good,
      'lib/s.js': samples,
    })

    assert.match(await t.line(`plugin test ${kit}`), /1 scene: \d+ passed, 0 failed/)
  })

  test('takes a folder without "./", too', async () => {
    await using t = await openTestSession([])
    const kit = join(t.folder, 'kit')
    writePackage(kit, { 'index.js': good, 'samples.js': samples })

    assert.match(await t.line(`plugin test ${relative(process.cwd(), kit)}`), / 0 failed/)
  })

  test('looks at the code as it is now', async () => {
    await using t = await openTestSession([])
    const kit = writePackage(join(t.folder, 'kit'), { 'index.js': bad, 'samples.js': samples })
    assert.match(await t.line(`plugin test ${kit}`), /[1-9] failed/)

    writePackage(kit, { 'index.js': good })

    assert.match(await t.line(`plugin test ${kit}`), / 0 failed/)
  })

  test('refuses samples that are none or are not there', async () => {
    await using t = await openTestSession([])
    const none = writePackage(join(t.folder, 'none'), {
      'index.js': good,
      'samples.js': 'export default { scenes: {} }',
    })
    const gone = writePackage(join(t.folder, 'gone'), {
      'package.json': JSON.stringify({ type: 'module', wasmsh: { samples: './s.js' } }),
      'index.js': good,
    })

    await rejectsCode('ERR_WASMSH_PLUGIN_INVALID', () => t.line(`plugin test ${none}`))
    await rejectsCode('ERR_WASMSH_PLUGIN_FILE', () => t.line(`plugin test ${gone}`))
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('plugin tset .'))
  })
}, 30_000)
