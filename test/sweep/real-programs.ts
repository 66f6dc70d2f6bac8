import type { SweepProgram } from '../support/sweep-job.js'

/** Go source for gofmt to bring into shape. */
const goSource = `package  main
import ("fmt";"strings")
type  Point struct { X,Y int
Name string }
// Sum adds.
func Sum( list []int)(total int){for _,one:=range list{total+=one};return total}
func main( ) {
 var points = map[string]Point{"a":{1,2,"first"},"bb":{X:3,Y:4,Name:"second"}}
 for  name,point := range points{ if point.X>1&&point.Y<9||name=="a" {
fmt.Println(strings.Repeat(name,point.X+ 2*point.Y),Sum([]int{1,2,3}))}else{ continue } } }
`

/** Formats what it reads. */
export function gofmtProgram(module: string): SweepProgram {
  return { name: 'gofmt', module, stdin: goSource }
}

/** Compresses and decompresses that much text at five levels. */
export function compressProgram(module: string, kibibytes: number): SweepProgram {
  return { name: 'compress', module, args: [`${kibibytes}`] }
}

/** Starts CPython, without its site packages, and evaluates an expression. */
export function pythonProgram(module: string): SweepProgram {
  const expression = 'print(sum(x * x for x in range(100)), {1: "a"}, 2 ** 100)'
  return { name: 'python', module, args: ['-S', '-c', expression] }
}
