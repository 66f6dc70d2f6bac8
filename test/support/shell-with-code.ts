import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findBuilt } from '../../src/core/built.js'
import { sha256 } from '../../src/core/snapshot/snapshot-files.js'
import { openShell, type Shell } from '../../src/index.js'
import { cachePath } from './cache.js'

/** A shell with that home, whose compiled code is kept from one run of the tests to the next. */
export async function openWithCode(home: string): Promise<Shell> {
  return await openWith(home, 'compiled-code')
}

/** The same for code of other CPUs, whose keys do not say which compiler has made it. */
export async function openWithCodeOfCompiler(home: string): Promise<Shell> {
  const program = findBuilt('wasmsh-compiler').find((path) => existsSync(path))
  const name = program === undefined ? 'none' : sha256(readFileSync(program)).slice(0, 16)
  return await openWith(home, `compiled-code-of-${name}`)
}

async function openWith(home: string, folder: string): Promise<Shell> {
  const code = cachePath(folder)
  mkdirSync(code, { recursive: true })
  mkdirSync(home, { recursive: true })
  try {
    symlinkSync(code, join(home, 'compiled'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return await openShell({ home })
}
