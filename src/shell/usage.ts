import { cliOptionSpecs } from './cli-options.js'

/** The page that `wasmsh --help` prints. */
export function usageText(): string {
  const options = Object.entries(cliOptionSpecs).map(([name, { short, value, summary }]) => {
    const head = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
    return `  ${head.padEnd(22)}  ${summary}`
  })
  return `wasmsh runs WebAssembly programs that can be paused, looked at, edited and stored.

USAGE
  wasmsh                                    the prompt
  wasmsh [options] PROGRAM.wasm [-- ARGS]   run a program
  wasmsh [options] SCRIPT.wsh [ARGS]        run a script
  wasmsh [options] -                        run a script from standard input
  wasmsh [options] compile MODULE.wasm      a command; also "plugin new NAME",
                                            "plugin test DIR", "plugins"

OPTIONS
${options.join('\n')}

Options of the command "run" (--dir, --env, --pause-at, ...) are taken for
PROGRAM.wasm, too: "wasmsh -c 'help run'" lists them. With -c and -x, a program
is run first.

At a terminal, a program that pauses (Ctrl-C) or traps is left at the prompt.

EXIT CODES
  0 done; 1 a bug in wasmsh; 2 usage or script error; 3 the environment;
  125 the guest trapped; 128+n ended by signal n; else the guest's own status

FILES
  The store of snapshots is $WASMSH_HOME, or ~/.local/share/wasmsh. In it, rc.wsh
  is run before the first prompt.
`
}
