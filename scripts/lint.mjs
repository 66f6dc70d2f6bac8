// npm run lint: biome, tsc and clang-format. npm run format (--fix) lets biome and clang-format write.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { filesBelow } from './lib/file-tree.mjs'
import { arePackagesInstalled, installPackages } from './lib/npm-packages.mjs'
import { inRoot } from './lib/paths.mjs'
import { runScript } from './lib/setup-error.mjs'

await runScript(async () => {
  const { values } = parseArgs({ options: { fix: { type: 'boolean' } } })
  const fix = values.fix === true
  if (!arePackagesInstalled()) await installPackages()
  const checks = [
    ['biome', inRoot('node_modules', '.bin', 'biome'), ['check', ...(fix ? ['--write'] : []), '.']],
    ...(fix ? [] : [['tsc', inRoot('node_modules', '.bin', 'tsc'), ['--noEmit']]]),
    ['clang-format', ...clangFormat(fix)],
  ]
  const failed = checks.filter((check) => !passes(check)).map(([name]) => name)
  console.log(failed.length === 0 ? 'lint: no findings' : `lint: findings of ${failed.join(', ')}`)
  if (failed.length > 0) process.exitCode = 1
})

function passes([name, command, args]) {
  if (!existsSync(command)) {
    // The package has binaries for x86-64 only; another version would format differently.
    console.log(`${name}: skipped, no binary for ${process.platform} ${process.arch}`)
    return true
  }
  return spawnSync(command, args, { cwd: inRoot(), stdio: 'inherit' }).status === 0
}

function clangFormat(fix) {
  const binary = inRoot('node_modules', 'clang-format', 'bin', `linux_${process.arch}`)
  const files = filesBelow(inRoot('native')).filter((path) => /\.(cc|h|c)$/.test(path))
  const mode = fix ? ['-i'] : ['--dry-run', '--Werror']
  return [`${binary}/clang-format`, [...mode, '--style=file', ...files]]
}
