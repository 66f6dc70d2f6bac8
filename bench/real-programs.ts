import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compress, cpython, gofmt, type Program } from '../test/support/toolchains.js'

/** A program of other people's, and what it is to do. */
export interface RealProgram {
  readonly name: string
  readonly module: string
  /** Arguments, when `/` of the guest is that path of the host. */
  args(root: string): readonly string[]
}

/** Nothing but what CPython does before it runs a script. */
export const startOfPython = 'start of CPython'

/** Those that can be had here. `directory` is the guest's; what they read is written there. */
export async function realPrograms(
  directory: string,
  note: (text: string) => void,
): Promise<readonly RealProgram[]> {
  const input = 'input.go'
  await writeFile(join(directory, input), goSource(300))
  const script = await readFile(
    fileURLToPath(new URL('programs/benchmark.py', import.meta.url)),
    'utf8',
  )
  const all: readonly (readonly [string, Program, RealProgram['args']])[] = [
    ['libzstd', await compress(), () => ['256']],
    ['gofmt', await gofmt(), (root) => ['-l', join(root, input)]],
    ['CPython', await cpython(), () => ['-S', '-c', script]],
    [startOfPython, await cpython(), () => ['-S', '-c', 'pass']],
  ]
  return all.flatMap(([name, program, args]) => {
    if (program.missing === undefined) return [{ name, module: program.module, args }]
    note(`${name} is not measured: ${program.missing}`)
    return []
  })
}

/** Go that gofmt has something to do with: so many functions. */
function goSource(count: number): string {
  const functions = Array.from(
    { length: count },
    (_, i) => `
// Sum${i} adds up what is larger than ${i}.
func  Sum${i}( list []int,names map[string]int)(total int){
for at,one:=range list{ if one>${i}&&at%2==0||one< -${i} { total+=one*(at+ 1) }else{continue} }
for name, more:=range names { switch { case len(name)>3 : total-=more
default: total+=more<<1} }
return  total }
`,
  )
  return `package  main\n${functions.join('')}`
}
