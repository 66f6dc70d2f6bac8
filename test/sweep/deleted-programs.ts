/** Programs that go on with what they deleted while it was open. */
import { fileGuest } from '../support/file-guest.js'
import type { SweepProgram } from '../support/sweep-job.js'
import { compileWat } from '../support/wat.js'

/** Descriptors 4 to 6 are one file: for both, for reading only, and for appending only. */
const sharedFile = fileGuest((g) =>
  g
    .open('f', { write: true, create: true })
    .write(4, 'begun ')
    .open('f')
    .open('f', { read: false, write: true, append: true })
    .unlink('f')
    .write(4, 'one ')
    .read(5, 8)
    .write(6, 'end ')
    .seek(4, 0)
    .write(4, 'B')
    .read(5, 20)
    .write(6, '!')
    .read(5, 20)
    .open('f', { write: true, create: true })
    .write(7, 'another')
    .setSize(4, 3)
    .seek(5, 0)
    .read(5, 20)
    .renumber(6, 4)
    .write(4, '+')
    .read(5, 20)
    .write(5, 'refused')
    .close(4)
    .seek(5, 1)
    .read(5, 20),
)

/** Two names of one file go one by one; another file has the name that the first one had. */
const namesOfOneFile = fileGuest((g) =>
  g
    .open('a', { write: true, create: true })
    .link('a', 'b')
    .open('b')
    .unlink('a')
    .write(4, 'first ')
    .open('a', { write: true, create: true })
    .rename('a', 'b')
    .write(4, 'second')
    .read(5, 20)
    .write(6, 'other')
    .link('b', 'c')
    .rename('b', 'c')
    .unlink('b')
    .seek(6, 0)
    .read(6, 20)
    .symlink('c', 's')
    .open('s')
    .rename('c', 'd')
    .read(7, 20)
    .unlink('d')
    .seek(7, 1)
    .read(7, 20),
)

const directories = fileGuest((g) =>
  g
    .makeDirectory('d')
    .makeDirectory('d/e')
    .open('d', { directory: true })
    .open('d/e', { directory: true })
    .open('e/f', { at: 4, write: true, create: true })
    .open('d', { directory: true })
    .unlink('d/e/f')
    .write(6, 'kept')
    .removeDirectory('d/e')
    .list(4, 9)
    .removeDirectory('d')
    .open('new', { at: 4, write: true, create: true })
    .open('.', { at: 5, directory: true })
    .makeDirectory('d')
    .open('d/new', { write: true, create: true })
    .list(7, 9)
    .close(4)
    .seek(6, 0)
    .read(6, 9),
)

const programs = [
  {
    name: 'several descriptors of one file',
    text: sharedFile,
    output: '[begun on][e end ][!][Beg][+]errno 76\n[eg+]',
  },
  {
    name: 'several names of one file',
    text: namesOfOneFile,
    output: '[first second][other][other][ther]',
  },
  { name: 'directories', text: directories, output: '.\n..\nerrno 44\n[kept]' },
]

/** The programs, and what they say when nothing is lost. */
export async function deletedPrograms(): Promise<
  readonly { readonly program: SweepProgram; readonly output: string }[]
> {
  return await Promise.all(
    programs.map(async ({ name, text, output }) => ({
      program: {
        name,
        module: await compileWat(text),
        files: {},
        filesFrom: ['copy', 'all', 'written'] as const,
      },
      output,
    })),
  )
}
