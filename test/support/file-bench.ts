/** A guest with files, a snapshot of it, and recoveries of that in new processes. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  type Guest,
  openShell,
  type RecoverOptions,
  type RunOptions,
  type Shell,
  type SnapshotOptions,
} from '../../src/index.js'
import { fileGuest, type GuestCalls } from './file-guest.js'
import { jsonLines, runCli } from './run-cli.js'
import { temporaryDirectory } from './temporary-directory.js'
import { compileWat } from './wat.js'

/** What a recovery in a process of its own came to. */
export interface Elsewhere {
  readonly code: number | null
  /** What the guest wrote after it went on. */
  readonly stdout: string
  /** Of --json, when it failed. */
  readonly error: {
    readonly code: string
    readonly message: string
    readonly hint: string
    readonly problems?: readonly { resource: string; reason: string; hint: string }[]
  } | null
  readonly stderr: string
}

export interface FileBench extends AsyncDisposable {
  readonly folder: string
  /** The guest's /data. */
  readonly data: string
  readonly shell: Shell
  /** Path of a file or folder beside it. */
  path(...names: string[]): string
  /** Runs a guest that makes those calls until it waits for input, and pauses it there. */
  run(list: (calls: GuestCalls) => void, options?: RunOptions): Promise<Guest>
  /** Takes a snapshot "s" of it and ends it. */
  store(guest: Guest, flags?: SnapshotOptions['flags'], options?: SnapshotOptions): Promise<void>
  /** Both of these. */
  take(
    list: (calls: GuestCalls) => void,
    flags?: SnapshotOptions['flags'],
    options?: RunOptions,
  ): Promise<void>
  /** Recovers "s" in a new process and lets it run to its end. */
  recover(...words: readonly string[]): Promise<Elsewhere>
  /** The same here; the guest stands still. */
  recoverHere(options?: RecoverOptions): Promise<Guest>
}

export async function fileBench(): Promise<FileBench> {
  const folder = await temporaryDirectory()
  const path = (...names: string[]) => join(folder.path, ...names)
  const data = path('data')
  const home = path('store')
  mkdirSync(data)
  let shell: Shell | null = await openShell({ home })
  const open = async (): Promise<Shell> => {
    shell ??= await openShell({ home })
    return shell
  }
  const run = async (list: (calls: GuestCalls) => void, options: RunOptions = {}) => {
    const module = await compileWat(fileGuest(list))
    const dirs = [{ host: data, guest: '/data' }]
    const guest = await (await open()).run(module, { dirs, stdout: 'null', ...options })
    while (guest.info().hostCall !== 'wasi_snapshot_preview1.fd_read') {
      const outcome = await guest.wait({ timeoutMs: 2 })
      if (outcome.kind === 'ended') throw new Error('The guest ended before it waited')
    }
    await guest.pause()
    return guest
  }
  const store: FileBench['store'] = async (guest, flags = {}, options = {}) => {
    await guest.snapshot('s', { sync: false, flags, ...options })
    await guest.kill()
  }
  return {
    folder: folder.path,
    data,
    get shell() {
      if (shell === null) throw new Error('The shell is closed')
      return shell
    },
    path,
    run,
    store,
    take: async (list, flags, options) => store(await run(list, options), flags),
    recover: async (...words) => {
      const input = path('input')
      const output = path('output')
      writeFileSync(input, 'g')
      writeFileSync(output, '')
      const streams = ['--stdin', input, '--stdout', output]
      const command = ['recover s', ...[...streams, ...words].map((word) => `'${word}'`)].join(' ')
      const { code, stdout, stderr } = await runCli(['--json', '-c', command], { home })
      const error = jsonLines(stdout)
        .map((line) => (line as { error?: Elsewhere['error'] }).error)
        .find((one) => one !== undefined)
      return { code, stdout: readFileSync(output, 'utf8'), error: error ?? null, stderr }
    },
    recoverHere: async (options = {}) =>
      await (await open()).recover('s', { paused: true, stdout: 'null', ...options }),
    [Symbol.asyncDispose]: async () => {
      await shell?.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Each path below a directory, sorted, and what it is: mode, number of names and contents. */
export function treeOf(root: string, below = ''): Readonly<Record<string, string>> {
  const tree: Record<string, string> = {}
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = join(below, name)
    const status = lstatSync(join(root, path))
    const mode = (status.mode & 0o777).toString(8)
    if (status.isSymbolicLink()) tree[path] = `link to ${readlinkSync(join(root, path))}`
    else if (status.isFile())
      tree[path] = `${mode} ${status.nlink} ${readFileSync(join(root, path), 'utf8')}`
    else if (status.isDirectory())
      Object.assign(tree, { [path]: `directory ${mode}` }, treeOf(root, path))
    else tree[path] = 'something else'
  }
  return tree
}
