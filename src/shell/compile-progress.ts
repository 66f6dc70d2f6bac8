import type { CompilePhase } from '../core/compile/compile-job.js'
import type { Output } from './output.js'

const titles: Readonly<Record<CompilePhase, string>> = {
  prepare: 'finding where it can stop',
  load: 'reading the module',
  generate: 'translating',
  optimize: 'optimizing',
  emit: 'writing machine code',
  ready: 'loading machine code',
}

/** What a compiler is at. */
export function compileTitle(phase: CompilePhase): string {
  return titles[phase]
}

/** Shows what the compiler is at, on a terminal. */
export function compileProgress(output: Output): (phase: CompilePhase) => void {
  return (phase) => {
    if (!output.isTerminal || output.isJson) return
    output.progress(phase === 'ready' ? '' : `Compiling: ${titles[phase]} ...`)
  }
}
