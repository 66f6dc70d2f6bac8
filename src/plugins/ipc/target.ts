import { WasmshError } from '../../core/errors.js'
import type { DescriptorRequest } from '../../core/plugin.js'
import type { Access } from './pipe.js'

/** Scheme by which guests are given pipes. */
export const scheme = 'pipe'

/** Names of pipes are typed by people, so they have no blanks, colons or control characters. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}._+@-]{0,63}$/u
/** A pipe of a pipeline, by a token that those who share it know: made at its first use, gone with
 *  its last end. */
const tokenPattern = /^\|[\w-]{1,64}$/

/** What a target asks for. */
export interface Target {
  readonly name: string
  readonly access: Access
}

/** Checks a name that somebody chose.
 *  @throws WasmshError ERR_WASMSH_PIPE_NAME */
export function requirePipeName(name: string): string {
  if (namePattern.test(name)) return name
  const shown = JSON.stringify(name.slice(0, 80))
  throw new WasmshError('ERR_WASMSH_PIPE_NAME', `${shown} cannot be the name of a pipe`)
}

/** Whether a target names a pipe of a pipeline, and not one that somebody has made. */
export function isToken(name: string): boolean {
  return tokenPattern.test(name)
}

/** Reads "pipe:NAME", "pipe:NAME:r" and "pipe:NAME:w".
 *  @throws WasmshError ERR_WASMSH_PIPE_NAME */
export function parseTarget({ fd, target, access }: DescriptorRequest): Target {
  const [, name = '', ending] = /^pipe:(.*?)(?::([^:]*))?$/u.exec(target) ?? []
  const told = ending === 'r' ? 'read' : ending === 'w' ? 'write' : null
  if (ending !== undefined && told === null) {
    throw refused(target, `":${ending}" is no end of a pipe`)
  }
  const chosen = told ?? access
  if (chosen === null) throw refused(target, `descriptor ${fd} can be either end`)
  if (access !== null && chosen !== access) {
    throw refused(target, `descriptor ${fd} is there to ${access}`)
  }
  return { name: isToken(name) ? name : requirePipeName(name), access: chosen }
}

function refused(target: string, reason: string): WasmshError {
  return new WasmshError('ERR_WASMSH_PIPE_NAME', `"${target}" cannot be opened: ${reason}`, {
    hint: 'Give pipe:NAME:r for the end to read from, pipe:NAME:w for the one to write to.',
  })
}
