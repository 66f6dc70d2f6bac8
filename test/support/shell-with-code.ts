import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { openShell, type Shell } from '../../src/index.js'
import { cachePath } from './cache.js'

/** A shell with that home, whose compiled code is kept from one run of the tests to the next. */
export async function openWithCode(home: string): Promise<Shell> {
  const code = cachePath('compiled-code')
  mkdirSync(code, { recursive: true })
  mkdirSync(home, { recursive: true })
  try {
    symlinkSync(code, join(home, 'compiled'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return await openShell({ home })
}
