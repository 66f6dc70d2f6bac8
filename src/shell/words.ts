import { WasmshError } from '../core/errors.js'

/** Piece of a word: text as it is, or the source of a value to insert. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly source: string }

/** One word of a command line. `start` and `end` are offsets into the line. */
export interface Word {
  readonly parts: readonly Part[]
  readonly start: number
  readonly end: number
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** Finds the end of `${...}` whose expression begins at `from`; -1 when it is not closed. */
function endOfExpression(line: string, from: number): number {
  const open: string[] = ['}']
  let quote = ''
  for (let at = from; at < line.length; at++) {
    const character = line[at] ?? ''
    if (quote !== '') {
      if (character === '\\') at++
      else if (character === quote) quote = ''
    } else if (character === "'" || character === '"' || character === '`') quote = character
    else if (closers[character] !== undefined) open.push(closers[character])
    else if (character === open.at(-1)) {
      open.pop()
      if (open.length === 0) return at
    }
  }
  return -1
}

function syntaxError(message: string, hint: string): WasmshError {
  return new WasmshError('ERR_WASMSH_COMMAND_SYNTAX', message, { hint })
}

/** Reads one word after the other; quoting as in a POSIX shell. */
class WordReader {
  #at = 0
  #parts: Part[] = []
  #text = ''

  constructor(
    readonly line: string,
    private readonly isPipeline = false,
  ) {}

  /** Where stages of a pipeline end, the end of the line included. */
  readStageEnds(): readonly number[] {
    const ends: number[] = []
    for (;;) {
      this.readAll()
      ends.push(this.#at)
      if (!this.#isAtPipe()) return ends
      this.#at++
    }
  }

  #isAtPipe(): boolean {
    return this.isPipeline && /^\|(?!\|)/.test(this.line.slice(this.#at))
  }

  readAll(): Word[] {
    const words: Word[] = []
    for (;;) {
      while (/\s/.test(this.line[this.#at] ?? '')) this.#at++
      if (this.#at >= this.line.length || this.#isAtPipe()) return words
      if (/^#(\s|$)/.test(this.line.slice(this.#at))) return words
      words.push(this.#readWord())
    }
  }

  #readWord(): Word {
    const start = this.#at
    this.#refuseOperators()
    this.#parts = []
    this.#text = ''
    let isEmptyQuote = false
    while (this.#at < this.line.length && !/\s/.test(this.line[this.#at] ?? '')) {
      const character = this.line[this.#at] ?? ''
      if (character === "'") this.#readSingleQuotes()
      else if (character === '"') this.#readDoubleQuotes()
      else if (character === '\\') this.#readEscape()
      else if (character === '$') this.#readValue()
      else {
        this.#text += character
        this.#at++
        continue
      }
      isEmptyQuote = true
    }
    this.#flush(isEmptyQuote && this.#parts.length === 0)
    return { parts: this.#parts, start, end: this.#at }
  }

  #refuseOperators(): void {
    const operator = /^(?:[12]?>>?|<|\|\|?|&&?|;)/.exec(this.line.slice(this.#at))?.[0]
    if (operator === undefined) return
    const hint = /[<>]/.test(operator)
      ? 'Redirect a guest with --stdin, --stdout and --stderr FILE; quote the character to pass it on.'
      : operator === '|'
        ? 'Only "run" makes pipelines: run A | run B. Quote the character to pass it on.'
        : 'Write one command a line; quote the character to pass it on.'
    throw syntaxError(`"${operator}" has no meaning in a wasmsh command`, hint)
  }

  #readSingleQuotes(): void {
    const end = this.line.indexOf("'", this.#at + 1)
    if (end < 0) throw syntaxError('A single quote is not closed', "Close it with another '.")
    this.#text += this.line.slice(this.#at + 1, end)
    this.#at = end + 1
  }

  #readDoubleQuotes(): void {
    this.#at++
    for (;;) {
      const character = this.line[this.#at]
      if (character === undefined) {
        throw syntaxError('A double quote is not closed', 'Close it with another ".')
      }
      if (character === '"') break
      if (character === '$') this.#readValue()
      else if (character === '\\' && /["\\$`]/.test(this.line[this.#at + 1] ?? ''))
        this.#readEscape()
      else {
        this.#text += character
        this.#at++
      }
    }
    this.#at++
  }

  #readEscape(): void {
    this.#text += this.line[this.#at + 1] ?? '\\'
    this.#at = Math.min(this.#at + 2, this.line.length)
  }

  #readValue(): void {
    const rest = this.line.slice(this.#at + 1)
    if (rest.startsWith('{')) {
      const end = endOfExpression(this.line, this.#at + 2)
      if (end < 0) throw syntaxError('"${" is not closed', 'Close it with "}".')
      this.#pushValue(this.line.slice(this.#at + 2, end).trim(), end + 1)
      return
    }
    if (rest.startsWith('(')) {
      throw syntaxError(
        'wasmsh has no command substitution',
        'Insert the value of a JavaScript expression with "$" and braces.',
      )
    }
    const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@#])/.exec(rest)?.[0]
    if (name === undefined) {
      this.#text += '$'
      this.#at++
      return
    }
    this.#pushValue(name, this.#at + 1 + name.length)
  }

  #pushValue(source: string, next: number): void {
    this.#flush(false)
    this.#parts.push({ kind: 'value', source })
    this.#at = next
  }

  #flush(evenIfEmpty: boolean): void {
    if (this.#text !== '' || evenIfEmpty) this.#parts.push({ kind: 'text', text: this.#text })
    this.#text = ''
  }
}

/**
 * Splits the line of a command into words as a POSIX shell does: blanks separate, quotes and
 * backslashes protect, `$NAME` and `${EXPRESSION}` insert values, ` # ` begins a comment.
 * @throws WasmshError ERR_WASMSH_COMMAND_SYNTAX
 */
export function splitWords(line: string): Word[] {
  return new WordReader(line).readAll()
}

/** Splits a line at the "|" between the stages of a pipeline: those at the start of a word.
 *  @throws WasmshError ERR_WASMSH_COMMAND_SYNTAX */
export function splitStages(line: string): string[] {
  let from = 0
  return new WordReader(line, true).readStageEnds().map((end) => {
    const stage = line.slice(from, end).trim()
    from = end + 1
    return stage
  })
}

/**
 * Puts the values in. A word that is one value and nothing else becomes several when the value is
 * an array; otherwise an array is joined with blanks. Values are never split at blanks.
 */
export function expandWords(words: readonly Word[], lookUp: (source: string) => unknown): string[] {
  return words.flatMap((word) => {
    const only = word.parts.length === 1 ? word.parts[0] : undefined
    if (only?.kind === 'value') {
      const value = lookUp(only.source)
      return Array.isArray(value) ? value.map(textOf) : [textOf(value)]
    }
    const texts = word.parts.map((part) =>
      part.kind === 'text' ? part.text : textOf(lookUp(part.source)),
    )
    return [texts.join('')]
  })
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(textOf).join(' ') : String(value)
}
