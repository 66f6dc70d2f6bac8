// npm run test:sanitize: the native tests under the address and undefined-behaviour sanitizers.
import { availableParallelism } from 'node:os'
import { prepareSources } from './lib/native-sources.mjs'
import { findNativeTests, runNativeTest } from './lib/native-tests.mjs'
import { inBuild, inRoot } from './lib/paths.mjs'
import { requireBuildTools, requirePlatform } from './lib/requirements.mjs'
import { keepLog, runCommand } from './lib/run-command.mjs'
import { runScript, SetupError } from './lib/setup-error.mjs'
import { withSetupLock } from './lib/setup-lock.mjs'
import { runTests } from './lib/test-session.mjs'

const folder = inBuild('sanitize')

const env = {
  ...process.env,
  // Guest threads have an alternate signal stack and a fault handler of ours; the sanitizer's own
  // would be in their place.
  ASAN_OPTIONS: 'use_sigaltstack=0:allow_user_segv_handler=1:detect_leaks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
}

await runScript(async () => {
  requirePlatform()
  await withSetupLock(build, () => process.stderr.write('waiting for another set-up ...\n'))
  const tests = await findNativeTests(folder)
  const passed = await runTests(tests.map((test) => () => runNativeTest(test, env)))
  if (!passed) process.exitCode = 1
})

async function build() {
  await requireBuildTools()
  await prepareSources()
  process.stderr.write('building the native tests with sanitizers ...\n')
  await cmake([
    ...['-S', inRoot('native'), '-B', folder, '-DCMAKE_BUILD_TYPE=RelWithDebInfo'],
    ...[`-DWAMR_ROOT=${inBuild('wamr')}`, `-DZSTD_ROOT=${inBuild('zstd')}`],
    ...['-DWASMSH_NODE=OFF', '-DWASMSH_TESTS=ON', '-DWASMSH_SANITIZE=ON'],
  ])
  const jobs = String(availableParallelism())
  await cmake(['--build', folder, '--target', 'wasmsh_tests', '--parallel', jobs])
}

async function cmake(args) {
  const { status, output } = await runCommand('cmake', args)
  if (status === 0) return
  const tail = keepLog(inBuild('logs', 'sanitize.log'), output)
  throw new SetupError(
    `the native tests do not build with sanitizers (status ${status}):\n${tail}`,
    `The whole output is in ${inBuild('logs', 'sanitize.log')}.`,
  )
}
