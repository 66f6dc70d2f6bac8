import { spawn } from 'node:child_process'
import { inRoot } from './paths.mjs'

/** Process groups of the tests that are running, to be ended together with the runner. */
const running = new Set()

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => {
    for (const pid of running) endGroup(pid)
    process.exit(status)
  })
}

/**
 * Runs a test program from the root folder, in a process group of its own, with no input. When the
 * program ends or is over time, whatever it has started ends with it.
 *
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @param {number} limitMs
 * @returns {Promise<{ status: number, ending: string, output: string, ms: number }>} `ending` says
 *   in words how the process ended
 */
export function runTestProcess([file, ...args], env, limitMs) {
  const startMs = performance.now()
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: inRoot(),
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let isOverTime = false
    const take = (text) => {
      output += text
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    if (child.pid !== undefined) running.add(child.pid)
    const timer = setTimeout(() => {
      isOverTime = true
      endGroup(child.pid)
    }, limitMs)
    const finish = (status, ending) => {
      clearTimeout(timer)
      running.delete(child.pid)
      resolve({ status, ending, output, ms: performance.now() - startMs })
    }
    child.on('error', (error) => finish(127, `could not be started: ${error.message}`))
    // A process left behind would hold the pipes, and 'close' would not come.
    child.on('exit', () => endGroup(child.pid))
    child.on('close', (code, signal) => {
      if (isOverTime) finish(124, `did not end within ${limitMs / 1000} s`)
      else if (signal !== null) finish(128, `was ended by ${signal}`)
      else finish(code ?? 128, `ended with status ${code}`)
    })
  })
}

function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
