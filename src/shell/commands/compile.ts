import type { CompileReport } from '../../core/compile/compiler.js'
import { compileTargets, requireTarget } from '../../core/compile/target.js'
import { defineCommand } from '../command.js'
import { compileProgress } from '../compile-progress.js'
import { count, formatBytes, formatTime, printable } from '../text.js'

export const compile = defineCommand<CompileReport>({
  name: 'compile',
  group: 'Running programs',
  summary: 'makes machine code of a module ahead of its run',
  usage: ['compile MODULE [--target CPU] [--twins] [--profile FILE]'],
  arity: [1, 1],
  complete: ['path'],
  options: {
    target: {
      type: 'string',
      value: 'CPU',
      summary: `make code for any machine of that CPU: ${compileTargets.join(', ')}`,
      complete: async () => compileTargets,
    },
    profile: {
      type: 'string',
      value: 'FILE',
      summary: 'thin polls in the loops that "run --profile FILE" has found to be hot',
      complete: 'path',
    },
    twins: {
      type: 'boolean',
      summary: 'make code that can be entered at every stable point, in advance',
    },
  },
  help: `Compiles a .wasm file for the CPU of this machine and keeps the code in the store folder, so that "run MODULE --engine aot" starts at once. Nothing is run. What was compiled before, and is not damaged, stays as it is.

A guest that is recovered, or goes on after it was paused, enters compiled code through a *twin* of each function on its stack. Twins are made when they are needed, in a moment, and the guest is interpreted meanwhile. With --twins all are made now: larger code, which takes several times as long to make.

With --profile the loops in which a run has spent its rounds ("run MODULE --profile FILE") look less often whether somebody asks for a pause, where nobody can count their rounds beforehand: at every fourth round, which is some nanoseconds later. Guests run in that code from then on, until the module is compiled without a profile.

With --target code is made for another machine, which may have no compiler: what is printed is a directory, to be copied into "compiled" in the store folder there. A wasmsh of the same version finds it when it runs the module. Copy machine code only from machines that you trust. Guests are interpreted on CPUs that are not listed.

"store code" shows what is kept, and removes it. Large modules take minutes; Ctrl-C gives up, and leaves nothing behind. The compiler needs LLVM 19: "help engines" says more.`,
  examples: [
    'compile tool.wasm',
    'compile tool.wasm --twins',
    'compile tool.wasm --target aarch64',
    'compile tool.wasm --profile tool.profile',
  ],
  async run(session, input) {
    const target = input.option('target')
    const profile = input.option('profile')
    try {
      return await session.shell.compile(input.required(0), {
        ...(target === undefined ? {} : { target: requireTarget(target) }),
        ...(profile === undefined ? {} : { profile }),
        twins: input.flag('twins') ? 'all' : 'open',
        signal: session.signal,
        onPhase: compileProgress(session.output),
      })
    } catch (error) {
      session.throwIfInterrupted()
      throw error
    }
  },
  render: (report, { theme }) => {
    const sizes = `${formatBytes(report.codeBytes)} of machine code from ${formatBytes(report.moduleBytes)}`
    const file = printable(report.file)
    const hot =
      report.hotLoops === null ? '' : ` by a profile with ${count(report.hotLoops, 'hot loop')}`
    const forWhom = report.target === null ? hot : ` for ${report.target}`
    const where = report.target === null ? '' : `\n${printable(report.directory)}`
    if (report.isCached) {
      return `${file} was ${theme.good('compiled already')}${forWhom}: ${sizes}${where}`
    }
    const time = formatTime(BigInt(Math.round(report.elapsedMs * 1e6)))
    return `${file} is ${theme.good('compiled')}${forWhom}: ${sizes}, in ${time}${where}`
  },
})
