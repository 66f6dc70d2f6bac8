import type { CommandContext, PluginCommand } from '../../core/plugin.js'
import { type ListedPipe, listPipes, renderPipes } from './listing.js'
import { Pipes } from './pipes.js'
import type { IpcTracker } from './tracker.js'

interface PipeResult {
  readonly name: string
  readonly capacity: number
  readonly isRemoved: boolean
}

function pipesOf({ shell }: CommandContext<IpcTracker>): Pipes {
  const shared = shell.shared('ipc')
  if (shared instanceof Pipes) return shared
  throw new Error('the pipes of this shell are of another version of the plugin')
}

export const list: PluginCommand<IpcTracker, readonly ListedPipe[]> = {
  name: 'ipc',
  summary: 'lists the pipes between guests: ends, bytes in flight, who waits',
  usage: ['ipc'],
  subject: 'none',
  help: `IN FLIGHT are bytes that were written and not read yet. An end is named by its guest and the guest's descriptor, "sort:0", with "waits" behind it while the guest is in a call that waits for the pipe. "none yet": no guest has had that end, so wasmsh keeps it open. "closed": nobody has it any more; a reader then finds the end behind the bytes in flight, a writer gets the error "pipe".

"|1" and the like are pipes of pipelines.`,
  run: (context) => listPipes(context.shell, pipesOf(context)),
  render: renderPipes,
}

export const make: PluginCommand<IpcTracker, PipeResult> = {
  name: 'pipe',
  group: 'Running programs',
  summary: 'makes a pipe that guests can be given ends of',
  usage: ['pipe NAME [--capacity BYTES]', 'pipe NAME --remove'],
  subject: 'none',
  arity: [1, 1],
  complete: ['none'],
  options: {
    capacity: {
      type: 'string',
      value: 'BYTES',
      summary: 'how much it holds before writers wait; 65536 by default, rounded up by the system',
    },
    remove: { type: 'boolean', summary: 'forget it; guests keep the ends that they have' },
  },
  help: `Guests are given ends of it by "run" and "recover": --stdin pipe:NAME, --stdout pipe:NAME, or --fd N=pipe:NAME:r (the end to read from) and --fd N=pipe:NAME:w for any descriptor. It can have several readers and several writers.

wasmsh keeps an end open until the first guest has had it: what is written before there is a reader waits for it, and a reader that comes first waits for a writer. "help pipes" says more.`,
  examples: [
    'pipe jobs',
    'run feed.wasm --stdout pipe:jobs --detach',
    'run work.wasm --fd 5=pipe:jobs:r',
  ],
  run(context, input) {
    const pipes = pipesOf(context)
    const name = input.required(0)
    const capacity = input.integer('capacity', 1, 2 ** 31 - 1) ?? null
    if (!input.flag('remove')) {
      const pipe = pipes.create(name, capacity)
      return { name, capacity: pipe.capacity, isRemoved: false }
    }
    if (capacity !== null) throw input.usageError('--remove and --capacity exclude each other')
    const pipe = pipes.get(name)
    pipes.remove(pipe)
    return { name, capacity: pipe.capacity, isRemoved: true }
  },
  render: ({ name, capacity, isRemoved }, page) =>
    isRemoved
      ? `Removed pipe ${page.theme.guest(name)}`
      : `Made pipe ${page.theme.guest(name)}, which holds ${capacity} bytes`,
}
