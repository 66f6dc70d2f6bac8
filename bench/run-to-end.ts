import { spawnSync } from 'node:child_process'

/** Runs a command that a measurement needs; throws with what it wrote when it fails. */
export function runToEnd(command: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return
  throw new Error(`${command} ${args.join(' ')} failed\n${error ?? ''}${stdout}${stderr}`)
}
