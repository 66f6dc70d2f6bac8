import type { NoCodeReason } from '../core/compile/compiler.js'
import type {
  DirectoryMapping,
  PlainStream,
  RunOptions,
  StartOptions,
  StreamOption,
} from '../core/guest/run-options.js'
import type { StreamName } from '../core/guest/streams.js'
import { pluginOfTarget } from '../core/plugin-host/guest-plugins.js'
import { type Arguments, usageError } from './arguments.js'
import type { OptionSpecs } from './command.js'
import { compileProgress } from './compile-progress.js'
import { parseNumber, parseSize } from './numbers.js'
import type { Session } from './session.js'
import { formatTime, printable } from './text.js'

/** Options that `run` and `recover` share. */
export const startOptionSpecs: OptionSpecs = {
  name: { type: 'string', short: 'n', value: 'NAME', summary: 'name of the guest' },
  paused: { type: 'boolean', summary: 'stand still before the first instruction' },
  'pause-at': {
    type: 'string',
    value: 'N',
    summary: 'pause before the N-th instruction of the main thread, counted from 0',
  },
  detach: { type: 'boolean', short: 'd', summary: 'come back at once; the guest runs on its own' },
  stdin: {
    type: 'string',
    value: 'FILE',
    summary: 'read from FILE, or from pipe:NAME',
    complete: 'path',
  },
  stdout: {
    type: 'string',
    value: 'FILE',
    summary: 'write to FILE, or to pipe:NAME',
    complete: 'path',
  },
  stderr: {
    type: 'string',
    value: 'FILE',
    summary: 'write errors to FILE, or to pipe:NAME',
    complete: 'path',
  },
  fd: {
    type: 'string',
    multiple: true,
    value: 'N=TARGET',
    summary: 'begin with descriptor N: an end of a pipe, pipe:NAME:r or pipe:NAME:w',
    complete: 'none',
  },
  'memory-limit': {
    type: 'string',
    value: 'SIZE',
    summary: 'most that each linear memory may grow to, such as 64MiB',
  },
  stack: {
    type: 'string',
    value: 'SIZE',
    summary: 'room for frames, locals and operands, 8MiB by default',
  },
  'log-limit': {
    type: 'string',
    value: 'SIZE',
    summary: 'most that the log of host calls may keep, 256MiB by default; 0 for none',
  },
  'record-data': {
    type: 'boolean',
    summary: 'keep in the log the bytes too that are read and written',
  },
  engine: {
    type: 'string',
    value: 'ENGINE',
    summary:
      'interp (the interpreter), aot (compiled code, made when it is missing) or auto (compiled code as soon as it is there); without this option "run" takes interp, and "recover" what the snapshot was taken in',
    complete: ['interp', 'aot', 'auto'],
  },
}

/** Options of `run` and `verify` that make up what the program sees. */
export const programOptionSpecs: OptionSpecs = {
  dir: {
    type: 'string',
    multiple: true,
    value: 'HOST[::GUEST]',
    summary: 'let the guest use a directory, under the name GUEST',
    complete: 'directory',
  },
  env: {
    type: 'string',
    short: 'e',
    multiple: true,
    value: 'NAME[=VALUE]',
    summary: 'set a variable, or pass on ours; nothing else is inherited',
  },
  invoke: {
    type: 'string',
    value: 'EXPORT',
    summary: 'call this function instead of _start; arguments behind "--" are its values',
    complete: 'export',
  },
  deterministic: {
    type: 'boolean',
    summary: 'make runs repeatable: seeded random numbers, clocks that advance by a step a call',
  },
  seed: { type: 'string', value: 'N', summary: 'seed of the random numbers (deterministic)' },
  clock: {
    type: 'string',
    value: 'TIME',
    summary: 'real time at the start, a date or nanoseconds since 1970 (deterministic)',
  },
  'allow-missing-imports': {
    type: 'boolean',
    summary: 'start although imports are unknown; calling one is a trap',
  },
}

/** Options of `run` alone. */
export const profilingOptionSpecs: OptionSpecs = {
  profile: {
    type: 'string',
    value: 'FILE',
    summary: 'count in the interpreter how often each stable point is visited, into FILE',
    complete: 'path',
  },
}

type StreamOptions = Pick<StartOptions, StreamName>

/** Reads --stdin, --stdout and --stderr. */
function readStreams(session: Session, input: Arguments): StreamOptions {
  const streams: { [name in StreamName]?: StreamOption } = {}
  for (const name of ['stdin', 'stdout', 'stderr'] as const) {
    const target = input.option(name)
    if (target !== undefined) streams[name] = streamOption(session, target)
  }
  return streams
}

function streamOption(session: Session, file: string): StreamOption {
  const isResource = pluginOfTarget(file, session.shell.plugins.all()) !== undefined
  return isResource ? { resource: file } : { file }
}

/** Reads "N=TARGET" of --fd. */
function readDescriptors(input: Arguments): Pick<StartOptions, 'descriptors'> {
  const texts = input.options('fd')
  if (texts.length === 0) return {}
  const descriptors: Record<number, string> = {}
  for (const text of texts) {
    const [, number, target] = /^(\d{1,9})=(.+)$/.exec(text) ?? []
    if (number === undefined || target === undefined) {
      throw usageError(input.command, `"${text}" gives no descriptor`, 'Give --fd N=pipe:NAME:r.')
    }
    if (descriptors[Number(number)] !== undefined) {
      throw usageError(input.command, `Descriptor ${number} is given twice`)
    }
    descriptors[Number(number)] = target
  }
  return { descriptors }
}

/** What the streams of a guest are when nothing is named for them: ours. */
export function ownStreams(
  session: Session,
  input: Arguments,
): Readonly<Record<StreamName, PlainStream>> {
  const output = session.output.isTerminal && !session.output.isJson ? 'terminal' : 'pipe'
  const stdin = input.flag('detach') ? 'null' : session.input.streamOption
  return { stdin, stdout: output, stderr: output }
}

/** Reads the options that `run` and `recover` share; of streams those that are named. */
export function readStartOptions(session: Session, input: Arguments): StartOptions {
  const name = input.option('name')
  const pauseAt = input.bigint('pause-at')
  return {
    ...readEngine(session, input),
    ...readLimits(input),
    ...(name === undefined ? {} : { name }),
    ...(pauseAt === undefined ? {} : { pauseAt }),
    ...readDescriptors(input),
    paused: input.flag('paused'),
    ...readStreams(session, input),
  }
}

/** Reads --memory-limit, --stack, --log-limit and --record-data. */
export function readLimits(
  input: Arguments,
): Pick<StartOptions, 'memoryLimitBytes' | 'stackBytes' | 'logLimitBytes' | 'recordData'> {
  const memory = input.option('memory-limit')
  const stack = input.option('stack')
  const log = input.option('log-limit')
  return {
    recordData: input.flag('record-data'),
    ...(log === undefined ? {} : { logLimitBytes: parseSize(log, 'a limit of the log') }),
    ...(memory === undefined ? {} : { memoryLimitBytes: parseSize(memory, 'a memory limit') }),
    ...(stack === undefined ? {} : { stackBytes: parseSize(stack, 'a stack size') }),
  }
}

/** Reads --engine, and has the shell told what comes of it. */
export function readEngine(
  session: Session,
  input: Arguments,
): Pick<StartOptions, 'engine' | 'compileSignal' | 'onCompile' | 'onCompiled' | 'onInterpreted'> {
  const engine = input.option('engine')
  const told = {
    compileSignal: session.signal,
    onInterpreted: (reason: NoCodeReason, message: string): void => {
      if (!session.isQuiet) session.output.note(interpretedNote(reason, message))
    },
    onCompile: compileProgress(session.output),
    onCompiled: (elapsedMs: number): void => {
      if (!session.isQuiet) session.output.note(`Compiled in ${formatTime(elapsedMs * 1e6)}`)
    },
  }
  if (engine === undefined) return told
  if (engine === 'interp' || engine === 'auto' || engine === 'aot') return { engine, ...told }
  throw usageError(
    input.command,
    `There is no engine "${engine}"`,
    'Use --engine interp, aot or auto.',
  )
}

/** Why a guest that could have been compiled code is interpreted. */
function interpretedNote(reason: NoCodeReason, message: string): string {
  const text = printable(message)
  if (reason === 'not-compiled')
    return `Begins in the interpreter: ${text}, which is done meanwhile`
  return `${reason === 'failed' ? 'Stays' : 'Runs'} in the interpreter: ${text}`
}

type ProgramOptions = Pick<
  RunOptions,
  'dirs' | 'env' | 'args' | 'invoke' | 'invokeArgs' | 'allowMissingImports'
>

/** Reads what the program sees: directories, variables, entry, arguments, determinism. */
export function readProgramOptions(input: Arguments): ProgramOptions {
  const invoke = input.option('invoke')
  return {
    dirs: input.options('dir').map((text) => readDirectory(input, text)),
    env: Object.fromEntries(input.options('env').map((text) => readVariable(input, text))),
    ...(invoke === undefined ? { args: input.rest } : { invoke, invokeArgs: input.rest }),
    allowMissingImports: input.flag('allow-missing-imports'),
  }
}

/** Parses "HOST::GUEST"; the guest's name is the host's without it. */
function readDirectory(input: Arguments, text: string): DirectoryMapping {
  const at = text.lastIndexOf('::')
  const mapping =
    at < 0 ? { host: text, guest: text } : { host: text.slice(0, at), guest: text.slice(at + 2) }
  if (mapping.host !== '' && mapping.guest !== '') return mapping
  throw usageError(input.command, `"${text}" names no directory`, 'Give --dir HOST or HOST::GUEST.')
}

/** Parses "GUEST=HOST" of --map-dir. */
export function readMapping(input: Arguments, text: string): DirectoryMapping {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return { guest: text.slice(0, at), host: text.slice(at + 1) }
  throw usageError(input.command, `"${text}" maps no directory`, 'Give --map-dir GUEST=HOST.')
}

function readVariable(input: Arguments, text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  const inherited = process.env[text]
  if (inherited !== undefined) return [text, inherited]
  throw usageError(
    input.command,
    `The environment has no variable "${text}"`,
    'Give --env NAME=VALUE.',
  )
}

/** Reads --deterministic, --seed and --clock. */
export function readDeterminism(input: Arguments): Pick<RunOptions, 'deterministic'> {
  if (!input.flag('deterministic')) return {}
  const seed = input.bigint('seed')
  const clock = input.option('clock')
  return {
    deterministic: {
      ...(seed === undefined ? {} : { seed }),
      ...(clock === undefined ? {} : { clockNs: readClock(clock) }),
    },
  }
}

/** Parses a date, or nanoseconds since 1970. */
export function readClock(text: string): bigint {
  const ms = /^\d+$/.test(text) ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? parseNumber(text, 'a time') : BigInt(ms) * 1_000_000n
}
