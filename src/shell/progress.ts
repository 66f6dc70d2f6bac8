import type { Output } from './output.js'

interface Progress {
  readonly doneBytes: number
  readonly totalBytes: number
}

/** Work shorter than this shows nothing, milliseconds. */
const quietMs = 500
/** Pause between two pictures, milliseconds. */
const intervalMs = 100

/** Does something that may take a while, and shows how far it is: on a terminal, and only when it
 *  takes over half a second. */
export async function withProgress<Result>(
  output: Output,
  title: string,
  work: (onProgress: (progress: Progress) => void) => Promise<Result>,
): Promise<Result> {
  if (!output.isTerminal || output.isJson) return await work(() => {})
  const begin = Date.now()
  let last = 0
  const show = ({ doneBytes, totalBytes }: Progress) => {
    const now = Date.now()
    if (now - begin < quietMs || now - last < intervalMs) return
    last = now
    const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 0
    output.progress(`${title} ${Math.floor(share * 100)}%`)
  }
  try {
    return await work(show)
  } finally {
    if (last > 0) output.progress('')
  }
}
