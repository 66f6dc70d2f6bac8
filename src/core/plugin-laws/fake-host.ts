import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { HostFolder } from '../host-folder.js'
import type {
  Descriptor,
  FileProvider,
  GuestDirectory,
  PluginHost,
  PluginServices,
  ProvidedDescriptor,
  ProvidedFile,
} from '../plugin.js'
import { counted, Faults } from './faults.js'
import { plainFiles } from './plain-files.js'
import type { FileTree, SampleDescriptor, Scene } from './samples.js'

/** When every file of a fake host was modified, so that scenes come to the same each time. */
const modified = new Date('2020-01-02T03:04:05Z')

/** Files that are open beside those of the plugin, so that host descriptors have other numbers on
 *  each host. */
const spareDescriptors = 7

/**
 * A host without a guest behind it: directories of its own, and the descriptors that it was told.
 * Every service can be made to fail.
 */
export class FakeHost implements PluginHost {
  readonly guest: { readonly name: string }
  readonly directories: readonly GuestDirectory[]
  readonly faults: Faults
  /** What the plugin has remarked. */
  readonly remarks: string[] = []
  /** Where the directories are: a name that nobody else has. */
  readonly root: string
  /** What the plugin provides, by path. */
  readonly providers = new Map<string, FileProvider>()
  readonly #files = new Map<number, ProvidedFile>()
  readonly #spare: number[]
  #descriptors: readonly Descriptor[]

  /** @param number makes one host different from another: paths and numbers of descriptors */
  constructor(
    { directories = {}, descriptors = [] }: Pick<Scene, 'directories' | 'descriptors'> = {},
    number = 0,
    faults = new Faults(),
  ) {
    this.faults = faults
    this.guest = { name: 'sample' }
    this.root = mkdtempSync(join(tmpdir(), `wasmsh-law-${'x'.repeat(number * 5)}`))
    this.directories = Object.entries(directories).map(([guestPath, tree], index) => {
      const hostPath = join(this.root, `${index}`)
      writeTree(hostPath, tree)
      return { guestPath, hostPath }
    })
    this.#descriptors = completeDescriptors(this.directories, descriptors)
    this.#spare = Array.from({ length: number * spareDescriptors }, () =>
      openSync('/dev/null', 'r'),
    )
  }

  descriptors(): readonly Descriptor[] {
    this.faults.step('host.descriptors')
    return this.#descriptors
  }

  /** The same for the laws themselves: no service that can fail. */
  get standing(): readonly Descriptor[] {
    return this.#descriptors
  }

  /** Gives the guest other descriptors: what its calls have made. */
  setDescriptors(descriptors: readonly SampleDescriptor[]): void {
    this.#descriptors = completeDescriptors(this.directories, descriptors)
  }

  copyDescriptor(fd: number): number {
    this.faults.step('host.copyDescriptor')
    const found = this.#descriptors.find((one) => one.fd === fd)
    const preopen = this.#descriptors.find((one) => one.fd === found?.preopen)
    const at = this.directories.find(({ guestPath }) => guestPath === preopen?.guestPath)
    if (found === undefined || at === undefined) throw new Error(`There is no descriptor ${fd}`)
    return openSync(join(at.hostPath, found.guestPath), constants.O_RDWR)
  }

  /** In a scene each descriptor has an open file of its own. */
  sharesOpenFile(fd: number, other: number): boolean {
    this.faults.step('host.sharesOpenFile')
    return fd === other
  }

  putDescriptor(wanted: Descriptor, hostFd: number): void {
    this.faults.step('host.putDescriptor')
    closeSync(hostFd)
    const others = this.#descriptors.filter(({ fd }) => fd !== wanted.fd)
    this.#descriptors = [...others, wanted].sort((a, b) => a.fd - b.fd)
  }

  closeDescriptor(fd: number): void {
    this.faults.step('host.closeDescriptor')
    this.#descriptors = this.#descriptors.filter((one) => one.fd !== fd)
  }

  folder(hostPath: string): HostFolder {
    this.faults.step('host.folder')
    return counted(new HostFolder(plainFiles, hostPath), this.faults, 'folder')
  }

  /** A service that takes what it is given: the fake has no guest that would use it. */
  use<Name extends keyof PluginServices & string>(_: Name): PluginServices[Name] {
    return {
      provide: (path: string, provider: FileProvider) => this.providers.set(path, provider),
    } as unknown as PluginServices[Name]
  }

  provide(path: string, provider: FileProvider): void {
    this.providers.set(path, provider)
  }

  provided(): readonly ProvidedDescriptor[] {
    this.faults.step('host.provided')
    return this.#descriptors.flatMap(({ fd, kind, guestPath, offset, stream }) => {
      const file = kind === 'provided' ? this.#files.get(fd) : undefined
      if (file === undefined) return []
      return [{ fd, path: guestPath, id: `${stream}/${Number(offset)}` as const, file }]
    })
  }

  /** Puts a file of the plugin's behind a descriptor. */
  reopen(fd: number, file: ProvidedFile): void {
    this.#files.set(fd, file)
  }

  log(message: string): void {
    this.remarks.push(message)
  }

  /** Digest of all that is in the directories: names, kinds, modes and contents. */
  digest(): string {
    const hash = createHash('sha256')
    for (const { guestPath, hostPath } of this.directories) {
      hash.update(`${guestPath}\n`)
      for (const line of describeTree(hostPath, '')) hash.update(`${line}\n`)
    }
    return hash.digest('hex')
  }

  /** Removes the directories. */
  dispose(): void {
    for (const fd of this.#spare.splice(0)) closeSync(fd)
    rmSync(this.root, { recursive: true, force: true })
  }
}

function completeDescriptors(
  directories: readonly GuestDirectory[],
  given: readonly SampleDescriptor[],
): readonly Descriptor[] {
  const preopens: readonly SampleDescriptor[] = directories.map(({ guestPath }, index) => ({
    fd: 3 + index,
    kind: 'preopen',
    guestPath,
  }))
  const numbers = new Set(given.map(({ fd }) => fd))
  return [...preopens.filter(({ fd }) => !numbers.has(fd)), ...given].map((one) => ({
    guestPath: '',
    preopen: 3,
    fdflags: 0,
    rightsBase: 0x1fffffffn,
    rightsInheriting: 0x1fffffffn,
    offset: 0n,
    size: 0n,
    modifiedNs: 0n,
    unread: new Uint8Array(),
    stream: '',
    ...one,
  }))
}

function writeTree(root: string, tree: FileTree): void {
  mkdirSync(root, { recursive: true })
  for (const [path, contents] of Object.entries(tree)) {
    const at = join(root, path)
    mkdirSync(contents === null ? at : dirname(at), { recursive: true })
    if (contents === null) continue
    writeFileSync(at, contents)
    utimesSync(at, modified, modified)
  }
}

function* describeTree(root: string, path: string): Generator<string> {
  const at = join(root, path)
  const status = lstatSync(at)
  const mode = (status.mode & 0o7777).toString(8)
  if (status.isDirectory()) {
    yield `directory ${path} ${mode}`
    for (const name of readdirSync(at).sort()) yield* describeTree(root, join(path, name))
  } else if (status.isSymbolicLink()) {
    yield `symlink ${path} ${readlinkSync(at)}`
  } else if (status.isFile()) {
    const digest = createHash('sha256').update(readFileSync(at)).digest('hex')
    yield `file ${path} ${mode} ${digest}`
  } else {
    yield `other ${path}`
  }
}
