import { buildCompiler, hasLlvm, installLlvm, isCompilerBuilt } from './compiler-build.mjs'
import { buildCross, hasCrossTools, installCrossTools, isCrossBuilt } from './cross-build.mjs'
import { buildNative, isNativeBuilt, nativeTargets } from './native-build.mjs'
import { areSourcesReady, prepareSources } from './native-sources.mjs'
import { arePackagesInstalled, installPackages } from './npm-packages.mjs'
import { isCheckout } from './paths.mjs'
import { Progress } from './progress.mjs'
import { requireBuildTools, requirePlatform } from './requirements.mjs'
import { withSetupLock } from './setup-lock.mjs'
import { buildTypeScript, isTypeScriptBuilt } from './typescript-build.mjs'

/**
 * @typedef {object} SetUpOptions
 * @property {boolean} [withTests] also build the native tests
 * @property {boolean} [nativeOnly] leave dist/ as it is
 * @property {boolean} [withCompiler] also the compiler, and LLVM for it; without this, the compiler is
 *   built where LLVM is there
 * @property {boolean} [withCross] also the test host for other CPUs, and compilers and emulators for it
 */

/**
 * The parts of a set-up, in order. An installed package came with its packages and its dist/.
 *
 * @param {SetUpOptions} options
 */
function partsOf({
  withTests = false,
  nativeOnly = false,
  withCompiler = false,
  withCross = false,
}) {
  const packages = {
    title: 'installing npm packages',
    isDone: arePackagesInstalled,
    run: installPackages,
  }
  const sources = {
    title: 'fetching the sources of WAMR and libzstd',
    isDone: areSourcesReady,
    run: prepareSources,
  }
  const native = (title, target) => ({
    title,
    isDone: () => isNativeBuilt(target),
    run: (progress) => buildNative(target, (text) => progress.detail(text)),
  })
  const typeScript = {
    title: 'building TypeScript',
    isDone: isTypeScriptBuilt,
    run: buildTypeScript,
  }
  const addon = native('building native code', nativeTargets.addon)
  const llvm = { title: 'installing LLVM', isDone: hasLlvm, run: installLlvm }
  const compiler = {
    title: 'building the compiler',
    isDone: isCompilerBuilt,
    run: (progress) => buildCompiler((text) => progress.detail(text)),
  }
  const compiled = [
    ...(withCompiler ? [llvm] : []),
    ...(withCompiler || hasLlvm() ? [compiler] : []),
  ]
  const cross = [
    { title: 'installing cross compilers', isDone: hasCrossTools, run: installCrossTools },
    {
      title: 'building for other CPUs',
      isDone: isCrossBuilt,
      run: (progress) => buildCross((text) => progress.detail(text)),
    },
  ]
  if (!isCheckout) return [sources, addon, ...compiled]
  const tests = native('building native tests', nativeTargets.tests)
  return [
    packages,
    sources,
    addon,
    ...compiled,
    ...(nativeOnly ? [] : [typeScript]),
    ...(withTests ? [tests] : []),
    ...(withCross ? cross : []),
  ]
}

/**
 * Makes everything that wasmsh needs to run, unless it is there already. Any number of processes
 * may do this at once, and any of them may be killed at any time.
 *
 * @param {SetUpOptions} options
 * @returns {Promise<boolean>} false if there was nothing to do
 * @throws {SetupError} with what is missing or has failed
 */
export async function setUp(options = {}) {
  requirePlatform()
  const parts = partsOf(options)
  if (parts.every((part) => part.isDone())) return false
  return withSetupLock(
    () => runParts(parts),
    () => process.stderr.write('another set-up is running in this folder; waiting for it ...\n'),
  )
}

async function runParts(parts) {
  if (parts.every((part) => part.isDone())) return false
  await requireBuildTools()
  const progress = new Progress(parts.length)
  for (const part of parts) {
    if (part.isDone()) {
      progress.skip()
    } else {
      progress.begin(part.title)
      await part.run(progress)
      progress.end()
    }
  }
  return true
}
