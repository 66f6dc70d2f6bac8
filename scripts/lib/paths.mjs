import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json: a checkout, or an installed package. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Everything that set-up makes, but for node_modules/ and dist/. */
export const buildDir = join(root, 'build')

/** True in a checkout; the published package has no TypeScript and no tests. */
export const isCheckout = existsSync(join(root, 'tsup.config.ts'))

/** @param {...string} parts path below the folder of package.json */
export const inRoot = (...parts) => join(root, ...parts)

/** @param {...string} parts path below build/ */
export const inBuild = (...parts) => join(buildDir, ...parts)
