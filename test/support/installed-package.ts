import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkout } from './run-cli.js'

/**
 * Copies a package of examples/ and gives it its dependencies as npm would: wasmsh as it is built in
 * this checkout, and packages that the checkout has anyway.
 */
export function installPackage(
  example: string,
  folder: string,
  dependencies: readonly string[],
): void {
  if (!existsSync(join(checkout, 'dist/testing.d.ts'))) {
    throw new Error('wasmsh is not built: run "npm run setup" first')
  }
  const source = join(checkout, 'examples', example)
  const isOwn = (path: string): boolean => !/\/(?:node_modules|dist)$/.test(path)
  cpSync(source, folder, { recursive: true, filter: isOwn })
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  symlinkSync(checkout, join(modules, 'wasmsh'))
  for (const name of dependencies) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(checkout, 'node_modules', name), join(modules, name))
  }
}
