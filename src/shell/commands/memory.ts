import { usageError } from '../arguments.js'
import { defineCommand, guestOption } from '../command.js'
import { hexdump } from '../hexdump.js'
import { inspect } from '../inspection.js'
import { parseNumber, parseSize } from '../numbers.js'
import { hex } from '../text.js'

interface Result {
  readonly address: bigint
  readonly length: number
  /** Size of the linear memory. */
  readonly memoryBytes: number
  readonly bytes: Uint8Array
}

const defaultLength = 256
/** More would only scroll by; scripts read memory by guest.readMemory. */
const mostShown = 1024 * 1024

export const memory = defineCommand<Result>({
  name: 'memory',
  group: 'Looking',
  summary: 'shows bytes of the linear memory',
  usage: ['memory ADDRESS [LENGTH]'],
  arity: [1, 2],
  complete: ['none'],
  options: guestOption,
  help: `ADDRESS and LENGTH may be decimal or hex; LENGTH is ${defaultLength} unless given and may have a unit ("4KiB"). Works on running guests, too: the bytes are a copy of that moment. A range that goes past the end of memory is cut there.

Equal lines in a row are shown once, then as "*". "set u32[ADDRESS] = VALUE" changes memory.`,
  examples: ['memory 0x400', 'memory 1024 64', 'memory 0 1KiB'],
  async run(session, input) {
    const inspection = await inspect(session, input)
    const address = parseNumber(input.required(0), 'an address')
    const memoryBytes = inspection.memoryBytes()
    if (address >= BigInt(memoryBytes)) {
      const size = hex(memoryBytes)
      throw usageError(
        input.command,
        `Address ${hex(address)} is outside of memory, which ends at ${size}`,
        'Give a smaller address; "info" shows the size of memory.',
      )
    }
    const wanted = parseSize(input.argument(1) ?? String(defaultLength), 'a length')
    const rest = memoryBytes - Number(address)
    const length = Math.min(wanted, rest, mostShown)
    const bytes = await inspection.readMemory(address, length)
    return { address, length, memoryBytes, bytes }
  },
  render: ({ bytes, address }, page) => hexdump(bytes, address, page.columns, page.theme),
})
