import type { VerifyOptions } from './verify-types.js'

/** Words of the command that tries just these positions again. Variables of the environment are
 *  given by name and value, so whoever prints them decides whether to. */
export function repeatWords(
  file: string,
  options: VerifyOptions,
  positions: readonly bigint[],
): readonly string[] {
  const words = ['verify', file, ...positions.flatMap((one) => ['--at', one.toString()])]
  if (options.seed !== undefined) words.push('--seed', options.seed.toString())
  if (options.engine === 'both') words.push('--engine', 'both')
  const { clockNs } = options.deterministic ?? {}
  if (clockNs !== undefined) words.push('--clock', clockNs.toString())
  for (const { host, guest } of options.dirs ?? []) words.push('--dir', `${host}::${guest}`)
  for (const [name, value] of Object.entries(options.env ?? {})) {
    words.push('--env', `${name}=${value}`)
  }
  if (options.stdin !== undefined) words.push('--stdin', options.stdin.file)
  if (options.invoke !== undefined) words.push('--invoke', options.invoke)
  if (options.memoryLimitBytes !== undefined) {
    words.push('--memory-limit', String(options.memoryLimitBytes))
  }
  if (options.stackBytes !== undefined) words.push('--stack', String(options.stackBytes))
  if (options.allowMissingImports === true) words.push('--allow-missing-imports')
  const args = options.invoke === undefined ? (options.args ?? []) : (options.invokeArgs ?? [])
  return args.length === 0 ? words : [...words, '--', ...args]
}
