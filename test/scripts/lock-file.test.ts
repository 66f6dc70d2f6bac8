import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'

interface Entry {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')
const packages: Readonly<Record<string, Entry>> = JSON.parse(text).packages

suite('package-lock.json', (test) => {
  test('names no download address', () => {
    const resolved = Object.values(packages).filter((entry) => entry.resolved !== undefined)

    assert.equal(resolved, [])
  })

  test('has the optional packages of every platform, which npm ci insists on', () => {
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) =>
          packages[`${path}/node_modules/${name}`] === undefined &&
          packages[`node_modules/${name}`] === undefined,
      ),
    )

    assert.equal(missing, [])
  })
})
