import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { sealJson, unsealJson } from '../snapshot/sealed-json.js'
import { sha256 } from '../snapshot/snapshot-files.js'
import { outputs } from './compile-job.js'
import { type CompileTarget, compileTargets } from './target.js'

/** What an entry of the cache was made from, for people. */
export interface CodeOrigin {
  /** SHA-256 of the module, hex. */
  readonly module: string
  /** The file that it came from, as it was called then. */
  readonly file: string
  /** What it runs on: any machine of that CPU, or, if null, the one that made it. */
  readonly target: CompileTarget | null
}

/** What makes an entry whole: it is written last. */
export interface CodeSeal extends CodeOrigin {
  readonly key: string
  /** SHA-256 of each file, by name. */
  readonly digests: Readonly<Record<string, string>>
}

const files = Object.values(outputs)
const sealName = 'seal.json'
const sealSchema = v.strictObject({
  key: v.string(),
  module: v.string(),
  file: v.string(),
  target: v.nullable(v.picklist(compileTargets)),
  digests: v.record(v.string(), v.string()),
})

/** Seals what lies in a directory. */
export async function sealCode(directory: string, key: string, origin: CodeOrigin): Promise<void> {
  const digests = await Promise.all(
    files.map(async (name) => [name, sha256(await readFile(join(directory, name)))] as const),
  )
  const seal: CodeSeal = { key, ...origin, digests: Object.fromEntries(digests) }
  await writeFile(join(directory, sealName), sealJson(seal), { mode: 0o600 })
}

/** @throws for an entry that is not there, damaged, or of another version */
export async function readSeal(directory: string): Promise<CodeSeal> {
  return v.parse(sealSchema, unsealJson(await readFile(join(directory, sealName), 'utf8')))
}
