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
 * Writes what a program printed to a log file and returns its last lines.
 *
 * @param {string} path
 * @param {string} output
 * @param {number} lineCount
 */
export function keepLog(path, output, lineCount = 40) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, output)
  return output.trimEnd().split('\n').slice(-lineCount).join('\n')
}
