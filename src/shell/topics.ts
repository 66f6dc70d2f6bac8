import type { Topic } from '../core/plugin-shell.js'

export type { Topic } from '../core/plugin-shell.js'

/** Topics of `help`. Lines indented by two blanks are printed as they are. */
export const topics: readonly Topic[] = [
  {
    name: 'language',
    summary: 'what a line may be: words, quotes, variables, comments',
    text: `A line is a command if its first word is one and what follows is a blank or the end, and it is no assignment. Every other line is JavaScript; a leading ";" forces that.

Words of a command are separated by blanks. Quoting is as in a POSIX shell:

  'text'          as it stands
  "text"          values are inserted
  \\x              x as it stands
  $NAME           a variable of JavaScript, else of the environment
  \${EXPRESSION}   the value of a JavaScript expression
  # text          a comment, at the start of a word and followed by a blank

A value is never split into words, but an array alone in a word becomes one word an element. A variable that has no value is an error. "|" connects what "run" starts ("help pipes"). There are no redirections: "run" has --stdin, --stdout and --stderr.

"set" and "assert" take the rest of the line as it stands.`,
  },
  {
    name: 'javascript',
    summary: 'lines of JavaScript, and what is in scope',
    text: `JavaScript has top-level await and goes over several lines when it is not complete. Declarations stay. In scope are Node's globals and modules (fs, path, ...) and

  shell      the open shell: shell.guests(), shell.store, ...
  guest      the chosen guest: guest.state, guest.frames(), guest.set('local 0', 5), ...
  output     what the chosen guest wrote to its stdout here (the last MiB)
  result     the result of the last command
  args       arguments of the script
  _          the value of the last line of JavaScript

Every command is a function, too: arguments in order, then options as an object, and for "run" the program's arguments as "args":

  const report = await run('calc.wasm', { pauseAt: 1000, args: ['1', '2'] })
  (await frames()).frames.map((frame) => frame.name)

"export" and "import" are called exportSnapshot and importSnapshot there, since the language has words of these names.`,
  },
  {
    name: 'scripts',
    summary: '.wsh files: the same lines, run unattended',
    text: `A script holds the lines that one would type, and comments: lines that begin with "#". A line that ends in a backslash goes on in the next; JavaScript goes on until it is complete. "#!/usr/bin/env wasmsh" as the first line makes a file a program.

  $1, $2, ...     arguments of the script; in JavaScript args[0], ...
  $@              all of them
  $#              how many
  $0              the script's file
  \${__dirname}    the folder that it is in

A script stops at its first error and says where: file and line. --keep-going goes on, and the exit code still tells. "assert" checks what it should. What "run" starts reads end-of-file when the script itself comes from standard input, and our standard input otherwise.

The exit code is that of the last command: 0, a guest's own status when it waited for one, 125 for a guest that trapped.`,
  },
  {
    name: 'values',
    summary: 'how numbers of the guest are written',
    text: `A value prints and parses without loss.

  i32, i64        decimal with sign; hex is understood, too
  f32, f64        the shortest decimal that is the same number; inf, -inf, -0
                  nan, or nan:0x and the payload where it is not the usual one
  v128            0x and 32 hex digits; "i32x4 1 2 3 4", "f64x2 0.5 -inf" and
                  the like are understood, too, lane 0 first
  funcref         index of a function, or null

Addresses, lengths and counts are decimal or hex ("0x400"); sizes may have a unit ("64KiB", "1.5M"), times are seconds ("0.5", "200ms"). In JSON, 64-bit numbers are texts.`,
  },
  {
    name: 'engines',
    summary: 'the interpreter, compiled code, and what each can do',
    text: `A guest runs in the interpreter, or in machine code made of its module (--engine aot of "run" and "recover"), which is many times quicker.

Whoever looks at a guest deals with the interpreter: one in compiled code that is paused is carried over, and back when it goes on. A snapshot is the same whatever the guest ran in, and recovers in either.

Machine code is made once for each module, compiler and CPU, and kept in the store folder. "compile" makes it ahead, "run --engine aot" when it is missing, before the program begins. "run --engine auto" and "recover --engine aot" begin in the interpreter and move over when the machine code is made; "info" shows how far it is. After each stop the guest is interpreted for a moment, until what it needs to go on in machine code is made, too. Making it needs LLVM 19 where wasmsh is set up; without it everything else works. "compile --target CPU" makes it for other machines.

A module that uses SIMD runs in compiled code only: --engine aot or auto. Its guests are paused, looked at, changed and stored as any others, at their stable points; "info" says which snapshots need compiled code.

Counting instructions (--pause-at, "step") happens in the interpreter alone. A trap in compiled code leaves no frames to look at.`,
  },
  {
    name: 'exit-codes',
    summary: 'exit codes of wasmsh',
    text: `  0      done
  1      a bug in wasmsh
  2      a usage or script error, a program or snapshot that cannot be used
  3      the environment: a full disk, a store that cannot be written
  125    the guest trapped
  128+n  ended by signal n (130 is Ctrl-C)
  other  the guest's own status

With --json the last line says whose code it is: {"exit":{"code":3,"by":"guest"}}.`,
  },
  {
    name: 'keys',
    summary: 'keys at the prompt',
    text: `  Tab        completes commands, options, guests, snapshots, functions, files
  Ctrl-C     pauses the guest in the foreground; gives up a command; clears the line
  Ctrl-D     ends the input of the guest in the foreground; leaves wasmsh on an empty line
  Ctrl-R     searches the history backwards
  Up, Down   lines of the history`,
  },
]
