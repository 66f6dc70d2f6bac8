import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd } from './run-to-end.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Programs that wasmsh is measured against; built at first use into build/bench. */
export class Peers {
  #built = new Set<string>()

  /** WAMR as it comes: with wasmsh's flags, or with the defaults of its own command. */
  stockRunner(flags: 'ours' | 'defaults'): string {
    return join(this.#build(flags), 'stock-runner')
  }

  plainProcess(): string {
    return join(this.#build('ours'), 'plain-process')
  }

  #build(flags: 'ours' | 'defaults'): string {
    const directory = join(root, 'build', 'bench', flags)
    if (this.#built.has(directory)) return directory
    const wamr = process.env['WAMR_ROOT'] ?? join(root, 'build', 'wamr')
    const defaults = flags === 'defaults' ? 'ON' : 'OFF'
    const definitions = [`-DWAMR_ROOT=${wamr}`, `-DWAMR_DEFAULTS=${defaults}`]
    const sources = join(root, 'bench', 'peers')
    runToEnd('cmake', ['-S', sources, '-B', directory, ...definitions])
    runToEnd('cmake', ['--build', directory, '--parallel', '2'])
    this.#built.add(directory)
    return directory
  }
}

/** CPU seconds that a stock WAMR takes for a module or its machine code; `directory` is its descriptor 3. */
export function stockSeconds(
  runner: string,
  wasm: string,
  directory: string,
  args: readonly string[] = [],
): number {
  const printed = execFileSync(runner, [wasm, directory, ...args], { encoding: 'utf8' })
  return Number(printed.trim().split('\n').at(-1))
}

/** Why CRIU cannot be the peer here; null when it can. */
export function criuProblem(): string | null {
  const { status, error, stdout, stderr } = spawnSync('criu', ['check'], { encoding: 'utf8' })
  if (status === 0) return null
  if (error) return 'criu is not installed'
  return `criu does not run here: ${`${stdout}${stderr}`.trim().split('\n').at(-1) ?? ''}`
}
