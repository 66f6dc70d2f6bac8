import { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** Opens the read end of a guest's output. When nobody reads, the pipe fills and the guest blocks. */
export function openOutput(fd: number): Readable {
  const socket = new Socket({ fd, readable: true, writable: false })
  // A pipe that cannot be read any more has ended; there is nobody to tell.
  socket.on('error', () => socket.destroy())
  return socket
}

/** Bytes that the stream's reader was given. */
function deliveredBytes(stream: Readable): bigint {
  const received = stream instanceof Socket ? stream.bytesRead : 0
  return BigInt(received - stream.readableLength)
}

/**
 * Waits until the reader of the stream was given `bytes` bytes in all, or, with null, everything up
 * to the end. Does not wait when the stream has no reader.
 */
export async function delivered(
  stream: Readable | null,
  bytes: bigint | null,
  signal: AbortSignal,
): Promise<void> {
  if (stream === null || stream.readableFlowing === null) return
  const isDone = (): boolean =>
    signal.aborted ||
    stream.destroyed ||
    stream.readableEnded ||
    (bytes !== null && deliveredBytes(stream) >= bytes)
  if (isDone()) return
  await new Promise<void>((resolve) => {
    const check = (): void => {
      if (!isDone()) return
      for (const event of ['data', 'end', 'close']) stream.off(event, check)
      signal.removeEventListener('abort', check)
      resolve()
    }
    for (const event of ['data', 'end', 'close']) stream.on(event, check)
    signal.addEventListener('abort', check)
  })
}
