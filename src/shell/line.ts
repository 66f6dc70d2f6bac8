/** What a line is. `text` of a command is all behind its name. */
export type Line =
  | { readonly kind: 'empty' }
  | { readonly kind: 'command'; readonly name: string; readonly text: string }
  | { readonly kind: 'javascript'; readonly code: string }

const assignment = /^\s*(?:=(?![=>])|(?:\*\*|<<|>>>?|&&|\|\||\?\?|[-+*/%&|^])=(?!=))/

/**
 * Tells commands from JavaScript: a line is a command if its first word is one, what follows is a
 * blank or the end, and it is no assignment. A leading ";" forces JavaScript. A line whose first
 * character is "#" is a comment.
 */
export function classifyLine(line: string, isCommand: (word: string) => boolean): Line {
  const trimmed = line.trim()
  if (trimmed === '' || trimmed.startsWith('#')) return { kind: 'empty' }
  if (trimmed.startsWith(';')) {
    const code = line.trimStart().slice(1)
    return code.trim() === '' ? { kind: 'empty' } : { kind: 'javascript', code }
  }
  const [, name, text] = /^([A-Za-z][\w-]*)(?=\s|$)([\s\S]*)$/.exec(trimmed) ?? []
  if (name === undefined || text === undefined || !isCommand(name) || assignment.test(text)) {
    return { kind: 'javascript', code: line }
  }
  return { kind: 'command', name, text: text.trim() }
}

const javaScriptWords = new Set(
  (
    'async await break case catch class const continue debugger default delete do else export ' +
    'extends false finally for function if import in instanceof let new null return static super ' +
    'switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
)

/**
 * Takes the first word of a line that JavaScript could make nothing of, when the line looks like a
 * command with a mistake in its name ("frmaes", "snapshto before"); otherwise undefined.
 */
export function commandLikeWord(line: string): string | undefined {
  const [, word, next] = /^\s*([A-Za-z][\w-]*)(?:\s+(\S))?/.exec(line) ?? []
  if (word === undefined || javaScriptWords.has(word)) return undefined
  const end = line.indexOf(word) + word.length
  if (!/^\s|^$/.test(line.slice(end, end + 1))) return undefined
  return next !== undefined && '=+*/%.(?&|^,;'.includes(next) ? undefined : word
}
