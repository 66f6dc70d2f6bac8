/** One measured figure; printed as a line, with `--json` as one JSON value a line. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is held against, where there is something. */
  readonly peer?: string
  /** Ours divided by the peer's, from alternating runs; below 1 is better. */
  readonly ratio?: number
  /** 95 % confidence interval of the ratio. */
  readonly interval?: readonly [number, number]
  readonly runs: number
  /** What the figure is to reach, in its own unit, or as a ratio where there is a peer. */
  readonly goal?: number
}

export type Report = (figure: Figure) => void

/** Formats a figure for people. */
export function formatFigure(figure: Figure): string {
  const { name, value, unit, peer, ratio, interval, goal, runs } = figure
  const parts = [`${name.padEnd(44)} ${formatNumber(value).padStart(9)} ${unit}`]
  if (ratio !== undefined && interval !== undefined) {
    const [low, high] = interval
    parts.push(`${ratio.toFixed(3)}x of ${peer} (${low.toFixed(3)} to ${high.toFixed(3)})`)
  } else if (peer !== undefined) {
    parts.push(peer)
  }
  if (goal !== undefined) {
    parts.push(`goal ${formatNumber(goal)}${ratio === undefined ? ` ${unit}` : 'x'}`)
  }
  parts.push(`${runs} runs`)
  return parts.join(', ')
}

/** Formats a figure as a row of a table of the documentation: `tableHead` goes on top. */
export function formatRow({ name, value, unit, ratio, interval, goal }: Figure): string {
  const [low, high] = interval ?? [0, 0]
  const times =
    ratio === undefined ? '' : `${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
  const cells = [name, `${formatNumber(value)} ${unit}`, times, goal?.toFixed(2) ?? '']
  return `| ${cells.join(' | ')} |`
}

export const tableHead = ['| what | figure | times its peer | goal |', '| --- | --- | --- | --- |']

function formatNumber(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(3)
}

/** Value below which a share of the sorted values lies, e.g. 0.99. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
