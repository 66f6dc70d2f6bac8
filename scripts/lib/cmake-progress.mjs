/**
 * A listener for the output of cmake that tells how far it is.
 *
 * @param {(progress: string) => void} onProgress called with e.g. "12/90" or "13%"; "" at first
 * @returns {(text: string) => void}
 */
export function cmakeProgress(onProgress) {
  let last = ''
  return (text) => {
    last = text.match(/\[\s*(\d+\/\d+|\d+%)\]/g)?.at(-1) ?? last
    onProgress(last.replace(/[[\]\s]/g, ''))
  }
}
