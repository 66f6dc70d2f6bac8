import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Runs a program to its end and collects its output.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} options
 * @returns {Promise<{ status: number, stdout: string, output: string }>} `output` is both streams
 *   together; status 127 when the program is not there, 128 + n when a signal ended it
 */
export function runCommand(file, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let output = ''
    const take = (text) => {
      output += text
      options.onOutput?.(text)
    }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      take(text)
    })
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => resolve({ status: 127, stdout, output: error.message }))
    child.on('close', (code) => resolve({ status: code ?? 128, stdout, output }))
  })
}

/**
 * Writes what a program printed to a log file and returns the part that says what went wrong: from
 * the first line that names a failure if there is one, otherwise the end.
 *
 * @param {string} path
 * @param {string} output
 * @param {number} lineCount at most so many lines
 */
export function keepLog(path, output, lineCount = 40) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, output)
  // Compiler command lines are thousands of characters long and help nobody.
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => line.length <= 400)
  const failure = lines.findIndex((line) => /^FAILED:|\berror\b|CMake Error/i.test(line))
  const start = failure === -1 ? Math.max(0, lines.length - lineCount) : failure
  return lines.slice(start, start + lineCount).join('\n')
}
