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
