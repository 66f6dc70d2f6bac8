/** A guest that makes the WASI calls that a test lists, and says on its output what came of them. */

const rights = { read: 1n << 1n, seek: 1n << 2n, flags: 1n << 3n, tell: 1n << 5n, write: 1n << 6n }
const otherRights = (1n << 14n) | (1n << 21n) | (1n << 22n) | (1n << 8n)
const common = rights.seek | rights.flags | rights.tell | otherRights
/** From path_create_directory to path_unlink_file. */
const pathRights = 0x0f3ffe00n & ~(1n << 22n)
const oflags = { create: 1, directory: 2, exclusive: 4, truncate: 8 }

export interface GuestOpen {
  /** Descriptor of the directory; 3, the first preopen, by default. */
  readonly at?: number
  readonly read?: boolean
  readonly write?: boolean
  readonly create?: boolean
  readonly exclusive?: boolean
  readonly truncate?: boolean
  readonly directory?: boolean
  readonly append?: boolean
  /** Do not follow a link that the path itself is. */
  readonly noFollow?: boolean
}

/** The calls, in order. Numbers of descriptors are known: each gets the lowest that is free. */
export class GuestCalls {
  readonly #code: string[] = []
  readonly #data: string[] = []
  #free = 4096

  open(path: string | Uint8Array, how: GuestOpen = {}): this {
    const { at = 3, read = true, write = false, append = false, noFollow = false } = how
    const flags = Object.entries(oflags)
      .filter(([name]) => how[name as keyof typeof oflags] === true)
      .reduce((all, [, flag]) => all | flag, 0)
    const base = common | (read ? rights.read : 0n) | (write ? rights.write : 0n)
    const ofDirectory = how.directory === true ? pathRights : 0n
    const wanted = (write ? base : base & ~((1n << 22n) | (1n << 8n))) | ofDirectory
    return this.#call(
      `(call $path_open (i32.const ${at}) (i32.const ${noFollow ? 0 : 1}) ${this.#text(path)}
        (i32.const ${flags}) (i64.const ${wanted}) (i64.const ${0x1fffffff})
        (i32.const ${append ? 1 : 0}) (i32.const 16))`,
    )
  }

  write(fd: number, text: string): this {
    return this.#call(`(call $write (i32.const ${fd}) ${this.#text(text)})`)
  }

  /** Reads up to so many bytes and says them, in brackets. */
  read(fd: number, bytes: number): this {
    return this.#call(`(call $read (i32.const ${fd}) (i32.const ${bytes}))`)
  }

  seek(fd: number, offset: number | bigint, whence: 0 | 1 | 2 = 0): this {
    return this.#call(
      `(call $fd_seek (i32.const ${fd}) (i64.const ${offset}) (i32.const ${whence}) (i32.const 16))`,
    )
  }

  close(fd: number): this {
    return this.#call(`(call $fd_close (i32.const ${fd}))`)
  }

  renumber(from: number, to: number): this {
    return this.#call(`(call $fd_renumber (i32.const ${from}) (i32.const ${to}))`)
  }

  setFlags(fd: number, flags: number): this {
    return this.#call(`(call $fd_fdstat_set_flags (i32.const ${fd}) (i32.const ${flags}))`)
  }

  setRights(fd: number, base: bigint): this {
    return this.#call(
      `(call $fd_fdstat_set_rights (i32.const ${fd}) (i64.const ${base}) (i64.const 0))`,
    )
  }

  setSize(fd: number, bytes: number | bigint): this {
    return this.#call(`(call $fd_filestat_set_size (i32.const ${fd}) (i64.const ${bytes}))`)
  }

  makeDirectory(path: string): this {
    return this.#call(`(call $path_create_directory (i32.const 3) ${this.#text(path)})`)
  }

  unlink(path: string): this {
    return this.#call(`(call $path_unlink_file (i32.const 3) ${this.#text(path)})`)
  }

  removeDirectory(path: string): this {
    return this.#call(`(call $path_remove_directory (i32.const 3) ${this.#text(path)})`)
  }

  rename(from: string, to: string): this {
    return this.#call(
      `(call $path_rename (i32.const 3) ${this.#text(from)} (i32.const 3) ${this.#text(to)})`,
    )
  }

  link(from: string, to: string): this {
    return this.#call(
      `(call $path_link (i32.const 3) (i32.const 0) ${this.#text(from)} (i32.const 3) ${this.#text(to)})`,
    )
  }

  symlink(target: string, path: string): this {
    return this.#call(
      `(call $path_symlink ${this.#text(target)} (i32.const 3) ${this.#text(path)})`,
    )
  }

  /** Says the names of the next entries of a directory, up to so many. */
  list(fd: number, count: number): this {
    return this.#call(`(call $list (i32.const ${fd}) (i32.const ${count}))`)
  }

  say(text: string): this {
    return this.write(1, text)
  }

  /** Waits for a byte of input: here a test pauses it. */
  wait(): this {
    return this.#call('(call $get (i32.const 0) (i32.const 1))')
  }

  #call(code: string): this {
    this.#code.push(`(call $check ${code})`)
    return this
  }

  /** Two operands: where the text is, and its length. */
  #text(text: string | Uint8Array): string {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const at = this.#free
    this.#free += bytes.length
    const escaped = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
    if (bytes.length > 0) this.#data.push(`(data (i32.const ${at}) "${escaped}")`)
    return `(i32.const ${at}) (i32.const ${bytes.length})`
  }

  toWat(): string {
    return `(module ${imports} (memory (export "memory") 4)
      (data (i32.const 64) "[") (data (i32.const 65) "]") (data (i32.const 66) "errno 00\\n")
      ${this.#data.join('\n')} ${helpers}
      (func (export "_start") ${this.#code.join('\n')}))`
  }
}

/** The text of a guest that makes those calls. */
export function fileGuest(list: (calls: GuestCalls) => void): string {
  const calls = new GuestCalls()
  list(calls)
  return calls.toWat()
}

const signatures: Readonly<Record<string, string>> = {
  path_open: 'i32 i32 i32 i32 i32 i64 i64 i32 i32',
  path_create_directory: 'i32 i32 i32',
  path_unlink_file: 'i32 i32 i32',
  path_remove_directory: 'i32 i32 i32',
  path_rename: 'i32 i32 i32 i32 i32 i32',
  path_link: 'i32 i32 i32 i32 i32 i32 i32',
  path_symlink: 'i32 i32 i32 i32 i32',
  fd_write: 'i32 i32 i32 i32',
  fd_read: 'i32 i32 i32 i32',
  fd_seek: 'i32 i64 i32 i32',
  fd_close: 'i32',
  fd_renumber: 'i32 i32',
  fd_fdstat_set_flags: 'i32 i32',
  fd_fdstat_set_rights: 'i32 i64 i64',
  fd_filestat_set_size: 'i32 i64',
  fd_readdir: 'i32 i32 i32 i64 i32',
}

const imports = Object.entries(signatures)
  .map(
    ([name, params]) =>
      `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`,
  )
  .join('\n')

/** 0: vector; 8: bytes moved; 16: results; 64 to 75: texts; 512: names and bytes that were read. */
const helpers = `
  (global $cookie (mut i64) (i64.const 0))
  (func $write (param $fd i32) (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func $say (param $at i32) (param $length i32)
    (drop (call $write (i32.const 1) (local.get $at) (local.get $length))))
  (func $check (param $errno i32)
    (if (local.get $errno) (then
      (i32.store8 (i32.const 72)
        (i32.add (i32.const 48) (i32.div_u (local.get $errno) (i32.const 10))))
      (i32.store8 (i32.const 73)
        (i32.add (i32.const 48) (i32.rem_u (local.get $errno) (i32.const 10))))
      (call $say (i32.const 66) (i32.const 9)))))
  (func $get (param $fd i32) (param $bytes i32) (result i32)
    (i32.store (i32.const 0) (i32.const 512))
    (i32.store (i32.const 4) (local.get $bytes))
    (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func $read (param $fd i32) (param $bytes i32) (result i32) (local $errno i32)
    (local.set $errno (call $get (local.get $fd) (local.get $bytes)))
    (if (i32.eqz (local.get $errno)) (then
      (local.set $bytes (i32.load (i32.const 8)))
      (call $say (i32.const 64) (i32.const 1))
      (call $say (i32.const 512) (local.get $bytes))
      (call $say (i32.const 65) (i32.const 1))))
    (local.get $errno))
  (func $list (param $fd i32) (param $count i32) (result i32) (local $errno i32)
    (block $end (loop $again
      (br_if $end (i32.eqz (local.get $count)))
      (br_if $end (local.tee $errno (call $fd_readdir (local.get $fd) (i32.const 512)
        (i32.const 280) (global.get $cookie) (i32.const 16))))
      (br_if $end (i32.lt_u (i32.load (i32.const 16)) (i32.const 24)))
      (global.set $cookie (i64.load (i32.const 512)))
      (call $say (i32.const 536) (i32.load (i32.const 528)))
      (call $say (i32.const 74) (i32.const 1))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $again)))
    (local.get $errno))`
