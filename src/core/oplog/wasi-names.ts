/** Names of WASI preview 1 (phases/snapshot/docs.md of the WASI repository). */

const errnos =
  'success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled child connaborted connrefused connreset deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq inprogress intr inval io isconn isdir loop mfile mlink msgsize multihop nametoolong netdown netreset netunreach nfile nobufs nodev noent noexec nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty notrecoverable notsock notsup notty nxio overflow ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale timedout txtbsy xdev notcapable'.split(
    ' ',
  )

/** Values of enumerated types, from 0 on. */
const variants: Readonly<Record<string, readonly string[]>> = {
  advice: ['normal', 'sequential', 'random', 'willneed', 'dontneed', 'noreuse'],
  clockid: ['realtime', 'monotonic', 'process_cputime_id', 'thread_cputime_id'],
  whence: ['set', 'cur', 'end'],
}

/** Bits of flag types, from the lowest on. */
const flags: Readonly<Record<string, readonly string[]>> = {
  fdflags: ['append', 'dsync', 'nonblock', 'rsync', 'sync'],
  fstflags: ['atim', 'atim_now', 'mtim', 'mtim_now'],
  lookupflags: ['symlink_follow'],
  oflags: ['creat', 'directory', 'excl', 'trunc'],
  riflags: ['recv_peek', 'recv_waitall'],
  rights:
    'fd_datasync fd_read fd_seek fd_fdstat_set_flags fd_sync fd_tell fd_write fd_advise fd_allocate path_create_directory path_create_file path_link_source path_link_target path_open fd_readdir path_readlink path_rename_source path_rename_target path_filestat_get path_filestat_set_size path_filestat_set_times fd_filestat_get fd_filestat_set_size fd_filestat_set_times path_symlink path_remove_directory path_unlink_file poll_fd_readwrite sock_shutdown sock_accept'.split(
      ' ',
    ),
  roflags: ['recv_data_truncated'],
  sdflags: ['rd', 'wr'],
}

const fileRights = (1n << BigInt(flags['rights']?.indexOf('sock_shutdown') ?? 0)) - 1n

/** "noent" for 44; the number itself when it is none of WASI's. */
export function errnoName(errno: number): string {
  return errnos[errno] ?? `errno ${errno}`
}

/** 44 for "noent"; null for what is no name of WASI's. */
export function errnoNumber(name: string): number | null {
  const found = errnos.indexOf(name)
  return found < 0 ? null : found
}

/** The names of the flags that are set: ["append", "nonblock"]. */
export function wasiFlags(type: string, value: bigint): readonly string[] {
  return (flags[type] ?? []).filter((_, index) => (value >> BigInt(index)) & 1n)
}

/** Rights in few words: "fd_read|fd_seek", "all but fd_write|fd_allocate", "0" for none. "all" are
 *  those of files and directories; those of sockets are named behind them. */
export function rightsText(value: bigint): string {
  const given = value & fileRights
  const names = wasiFlags('rights', given)
  const missing = wasiFlags('rights', fileRights & ~given)
  const isShort = names.length <= missing.length
  const text = isShort
    ? names.join('|')
    : missing.length === 0
      ? 'all'
      : `all but ${missing.join('|')}`
  const others = value & ~fileRights
  const parts = [text, others === 0n ? '' : (wasiName('rights', others) ?? '')]
  return parts.filter((part) => part !== '').join(isShort ? '|' : ', and ') || '0'
}

/** Names the value of a WASI type: "creat|trunc", "cur", "0" for no flag; null for types that are
 *  plain numbers. */
export function wasiName(type: string, value: bigint): string | null {
  const variant = variants[type]
  if (variant !== undefined) return variant[Number(value)] ?? String(value)
  const bits = flags[type]
  if (bits === undefined) return null
  if (value === 0n) return '0'
  const known = bits.filter((_, index) => (value >> BigInt(index)) & 1n)
  const rest = value & ~((1n << BigInt(bits.length)) - 1n)
  return [...known, ...(rest === 0n ? [] : [`0x${rest.toString(16)}`])].join('|')
}
