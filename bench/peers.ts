import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

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
    run('cmake', ['-S', sources, '-B', directory, ...definitions])
    run('cmake', ['--build', directory, '--parallel', '2'])
    this.#built.add(directory)
    return directory
  }
}

/** Machine code of a module as WAMR's own compiler makes it: the same program, LLVM, target and level
 *  as for ours, without the pass and the polls. */
export function compilePlain(wasm: string, code: string): void {
  runCompiler(['--stock', `--output=${code}`, wasm])
}

/** Runs wasmsh-compiler. */
export function runCompiler(args: readonly string[]): void {
  run(join(root, 'build', 'Release', 'wasmsh-compiler'), args)
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return
  throw new Error(`${command} ${args.join(' ')} failed\n${error ?? ''}${stdout}${stderr}`)
}

/** CPU seconds that a stock WAMR takes for a module or its machine code; `directory` is its descriptor 3. */
export function stockSeconds(runner: string, wasm: string, directory: string): number {
  return Number(execFileSync(runner, [wasm, directory], { encoding: 'utf8' }))
}

/** Why CRIU cannot be the peer here; null when it can. */
export function criuProblem(): string | null {
  const { status, error, stdout, stderr } = spawnSync('criu', ['check'], { encoding: 'utf8' })
  if (status === 0) return null
  if (error) return 'criu is not installed'
  return `criu does not run here: ${`${stdout}${stderr}`.trim().split('\n').at(-1) ?? ''}`
}
