// npm run docs: writes docs/errors.md from the table of src/core/error-codes.ts. With --check it
// only says whether the page is as it should be. Runs under tsx, which reads TypeScript.
import { readFileSync, writeFileSync } from 'node:fs'
import { errorCodes } from '../src/core/error-codes.ts'
import { inRoot } from './lib/paths.mjs'

const page = inRoot('docs', 'errors.md')
const text = formatErrorsPage(errorCodes)
if (process.argv.includes('--check')) {
  if (readIfThere(page) !== text) {
    console.error('docs/errors.md does not match src/core/error-codes.ts: run "npm run docs"')
    process.exitCode = 1
  }
} else {
  writeFileSync(page, text)
  console.log(`docs/errors.md: ${Object.keys(errorCodes).length} codes`)
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** One section per area, which is the word behind ERR_WASMSH_. */
function formatErrorsPage(codes) {
  const areas = new Map()
  for (const [code, entry] of Object.entries(codes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const area = code.split('_')[2].toLowerCase()
    areas.set(area, [...(areas.get(area) ?? []), [code, entry]])
  }
  const lines = [
    '# Errors',
    '',
    'For users and for programs that use wasmsh. Every error has one of these codes, one sentence that',
    'says what is wrong, and a hint. Codes are never renamed or reused. With `--json` an error is one',
    'JSON value with `code`, `message` and `hint`.',
    '',
    'Who can act on it decides the exit code of a script: `user` 2, `environment` 3, `internal` 1.',
    '',
    'This page is generated from `src/core/error-codes.ts` by `npm run docs`.',
  ]
  for (const [area, entries] of areas) {
    lines.push('', `## ${area}`, '', '| code | who | what to do |', '| --- | --- | --- |')
    for (const [code, { kind, remedy }] of entries) {
      lines.push(`| \`${code}\` | ${kind} | ${escapeCell(remedy)} |`)
    }
  }
  return `${lines.join('\n')}\n`
}

function escapeCell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
