import { createHash } from 'node:crypto'
import type { Guest } from '../../src/index.js'

const chunkBytes = 1024 * 1024

/**
 * Everything that a parked guest can observe of itself, as one text a line: frames, globals, tables,
 * segments, memory, descriptors, time. What only the host sees is left out: CPU time, times of
 * files, and how much of what was written to standard input is in the pipe by now.
 */
export function stateOf(guest: Guest): string {
  const view = guest.view()
  const threads = view.threads.map((thread) => ({ ...thread, cpuNs: 0n }))
  const descriptors = view.descriptors.map((one) => ({ ...one, modifiedNs: 0n, unread: null }))
  const parts = Object.entries({ ...view, threads, descriptors }).map(
    ([name, value]) => `${name} ${toText(value)}`,
  )
  return [...parts, `memory ${memoryDigest(guest)}`].join('\n')
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'bigint') return `${one}n`
    return one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one
  })
}

function memoryDigest(guest: Guest): string {
  const hash = createHash('sha256')
  const { memoryBytes } = guest.info()
  for (let address = 0; address < memoryBytes; address += chunkBytes) {
    hash.update(guest.readMemory(address, Math.min(chunkBytes, memoryBytes - address)))
  }
  return hash.digest('hex')
}

/** The first line in which two states differ, cut to where they do. */
export function firstDifference(expected: string, actual: string): readonly [string, string] {
  const a = expected.split('\n')
  const b = actual.split('\n')
  const line = a.findIndex((text, index) => text !== b[index])
  const inA = a[line] ?? 'nothing'
  const inB = b[line] ?? 'nothing'
  let at = 0
  while (at < inA.length && inA[at] === inB[at]) at++
  const from = Math.max(0, at - 200)
  return [inA.slice(from, from + 400), inB.slice(from, from + 400)]
}
