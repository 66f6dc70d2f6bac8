import { readFileSync } from 'node:fs'
import { guestSource } from '../support/guest-programs.js'
import type { FilesFrom, SweepProgram } from '../support/sweep-job.js'

/** Every way in which a recovered guest can come by its files. */
const everyWay: readonly FilesFrom[] = ['copy', 'all', 'written']

/** test/guests/filework.c. */
export function cFileProgram(module: string): SweepProgram {
  return {
    name: 'filework',
    module,
    files: { words: 'one two\nthree four\nfive\n', kept: 'kept as it is' },
    filesFrom: everyWay,
  }
}

/** test/guests/filework.go. */
export function goFileProgram(module: string): SweepProgram {
  return {
    name: 'filework-go',
    module,
    files: { words: 'one two\nthree four\nfive\n' },
    filesFrom: everyWay,
  }
}

/** test/guests/filework.py: CPython takes most of the run to start and to import what it needs. */
export function pythonFileProgram(module: string): SweepProgram {
  return {
    name: 'filework-python',
    module,
    args: ['-S', '-c', readFileSync(guestSource('filework.py'), 'utf8')],
    files: { words: 'one two\nthree four\nfive\n' },
    filesFrom: everyWay,
    skipStart: true,
  }
}
