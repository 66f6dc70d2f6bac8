/**
 * Modules made at random from a seed: valid, and sure to end, since every iteration and every call
 * takes from a global that holds what is left. They contain what compilers rarely write: values
 * under blocks, block parameters, several results, branches of every kind with values, dead code,
 * tail calls, references, vectors, waits.
 */
import { randomNumbers } from './sweep-points.js'

type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref'

interface Signature {
  readonly params: readonly Type[]
  readonly results: readonly Type[]
}

interface Label {
  /** Types that a branch to it takes. */
  readonly types: readonly Type[]
  readonly isLoop: boolean
}

const numeric: readonly Type[] = ['i32', 'i64', 'f32', 'f64']
const references: readonly Type[] = ['funcref', 'externref']

/** Imports, whose results the test's host makes up from their arguments. */
export const randomImports: readonly Signature[] = [
  { params: ['i32'], results: ['i32'] },
  { params: ['i64', 'f64', 'f32'], results: ['f64'] },
  { params: [], results: [] },
  { params: ['i32', 'i64'], results: ['i64', 'i32', 'f32'] },
]

/** What a module may need. */
export interface RandomModuleOptions {
  /** Imports functions; else it has functions of the same types that return zeros. */
  readonly hasHost?: boolean
  readonly hasVectors?: boolean
}

/** Makes the text of a module; its export "run" takes an i32 and an i64. */
export function randomModule(seed: number, options: RandomModuleOptions = {}): string {
  return new Generator(seed, options).module()
}

class Generator {
  readonly #random: () => number
  readonly #signatures: readonly Signature[]
  readonly #hasHost: boolean
  readonly #everyType: readonly Type[]
  readonly #stored: readonly Type[]
  #locals: Type[] = []
  #labels: Label[] = []
  #results: readonly Type[] = []
  /** Instructions that this function may still get. */
  #budget = 0

  constructor(seed: number, { hasHost = true, hasVectors = true }: RandomModuleOptions) {
    this.#random = randomNumbers(seed)
    this.#hasHost = hasHost
    const vectors: readonly Type[] = hasVectors ? ['v128'] : []
    this.#everyType = [...numeric, ...numeric, ...vectors, ...references]
    this.#stored = [...numeric, ...vectors]
    const count = 2 + this.#below(5)
    const own = Array.from({ length: count }, () => ({
      params: this.#types(4),
      results: this.#types(3),
    }))
    this.#signatures = [...randomImports, { params: ['i32', 'i64'], results: ['i64'] }, ...own]
  }

  module(): string {
    const functions = this.#signatures.slice(randomImports.length).map((one, index) => {
      const name = index === 0 ? ' (export "run")' : ''
      return this.#function(one, name)
    })
    const imports = randomImports.map((one, index) =>
      this.#hasHost
        ? `(import "host" "h${index}" (func ${typeText(one)}))`
        : `(func ${typeText(one)} ${one.results.map(zero).join(' ')})`,
    )
    const globals = this.#everyType.map((type) => `(global (mut ${type}) ${zero(type)})`)
    const all = this.#signatures.map((_, index) => index).join(' ')
    return `(module
${imports.join('\n')}
(memory (export "memory") 1 4)
(table 40 funcref)
(table 8 externref)
(global $left (mut i32) (i32.const ${40 + this.#below(160)}))
${globals.join('\n')}
(elem (i32.const 3) func ${all})
(elem declare func ${all})
${functions.join('\n')}
)`
  }

  #function(signature: Signature, name: string): string {
    const extra = this.#types(6)
    this.#locals = [...signature.params, ...extra]
    this.#results = signature.results
    this.#labels = [{ types: signature.results, isLoop: false }]
    this.#budget = 60 + this.#below(160)
    const leave = signature.results.map(zero).join(' ')
    const body = [
      `(if (i32.le_s (global.get $left) (i32.const 0)) (then ${leave} return))`,
      takeOne,
      ...this.#statements(2),
      ...this.#values(signature.results, 3),
    ]
    if (this.#chance(4)) body.push(...this.#tailCall(signature.results))
    const locals = extra.map((type) => `(local ${type})`).join(' ')
    return `(func${name} ${typeText(signature)} ${locals}\n${body.join('\n')})`
  }

  #statements(depth: number): string[] {
    const count = 1 + this.#below(4)
    return Array.from({ length: count }, () => this.#statement(depth)).flat()
  }

  #statement(depth: number): string[] {
    if (this.#budget-- <= 0) return ['nop']
    const deeper = depth - 1
    switch (this.#below(depth > 0 ? 16 : 6)) {
      case 0:
      case 1:
        return this.#setLocal(depth)
      case 2:
        return this.#setGlobal(depth)
      case 3:
        return [...this.#value('i32', deeper), 'i32.const 1023', 'i32.and', ...this.#store(deeper)]
      case 4:
        return [...this.#value(this.#type(), depth), 'drop']
      case 5:
        return this.#chance(3) ? this.#tableStatement(deeper) : ['nop']
      case 6:
      case 7:
        return this.#callAndDrop(deeper)
      case 8:
      case 9:
        return this.#dropping((results) => this.#loop(this.#types(2), results, deeper))
      case 10:
        return this.#dropping((results) => this.#block(this.#types(2), results, deeper))
      case 11:
      case 12:
        return this.#dropping((results) => this.#if(this.#types(2), results, deeper))
      case 13:
        return this.#branchIf(deeper)
      case 14:
        return this.#branchTable(deeper)
      default:
        return this.#leaving(deeper)
    }
  }

  /** Code that leaves values of some types on the stack. */
  #values(types: readonly Type[], depth: number): string[] {
    if (types.length > 1 && this.#chance(4)) {
      const callee = this.#calleeWith(types)
      if (callee !== undefined) return this.#callOf(callee, depth - 1)
    }
    return types.flatMap((type) => this.#value(type, depth))
  }

  #value(type: Type, depth: number): string[] {
    if (this.#budget-- <= 0 || depth <= 0) return this.#leaf(type)
    const deeper = depth - 1
    switch (this.#below(12)) {
      case 0: {
        const callee = this.#calleeWith([type])
        return callee === undefined ? this.#leaf(type) : this.#callOf(callee, deeper)
      }
      case 1:
        return this.#loop(this.#types(2), [type], deeper)
      case 2:
        return this.#block(this.#types(2), [type], deeper)
      case 3:
        return this.#if(this.#types(2), [type], deeper)
      case 4:
        return [
          ...this.#value(type, deeper),
          ...this.#value(type, deeper),
          ...this.#value('i32', deeper),
          `select (result ${type})`,
        ]
      case 5: {
        // A value that passes through a conditional branch.
        const label = this.#labels.findLastIndex(
          ({ types, isLoop }) => types.length === 1 && types[0] === type && !isLoop,
        )
        if (label < 0) return this.#leaf(type)
        return [
          ...this.#value(type, deeper),
          ...this.#value('i32', deeper),
          `br_if ${this.#labels.length - 1 - label}`,
        ]
      }
      case 6: {
        const local = this.#localOf(type)
        return local === undefined
          ? this.#leaf(type)
          : [...this.#value(type, deeper), `local.tee ${local}`]
      }
      default:
        return this.#operation(type, deeper)
    }
  }

  #operation(type: Type, depth: number): string[] {
    const two = (operation: string): string[] => [
      ...this.#value(type, depth),
      ...this.#value(type, depth),
      operation,
    ]
    const address = (): string[] => [...this.#value('i32', depth), 'i32.const 1023', 'i32.and']
    switch (type) {
      case 'i32':
        switch (this.#below(9)) {
          case 0:
            return [...address(), 'i32.load offset=8']
          case 1:
            return [...this.#value('i64', depth), 'i32.wrap_i64']
          case 2:
            return [...this.#value('f32', depth), 'i32.reinterpret_f32']
          case 3:
            return [...this.#value('funcref', depth), 'ref.is_null']
          case 4:
            if (!this.#everyType.includes('v128')) return two('i32.or')
            return [...this.#value('v128', depth), 'i32x4.extract_lane 2']
          case 5:
            return ['i32.const 0', 'memory.grow']
          case 6:
            return [...this.#value('f64', depth), 'i32.trunc_sat_f64_s']
          default:
            return two(`i32.${this.#pick(['add', 'sub', 'mul', 'xor', 'shr_u', 'lt_s', 'eq'])}`)
        }
      case 'i64':
        switch (this.#below(5)) {
          case 0:
            return [...address(), 'i64.load offset=16']
          case 1:
            return [...this.#value('i32', depth), 'i64.extend_i32_s']
          case 2:
            return [...this.#value('f64', depth), 'i64.reinterpret_f64']
          case 3:
            if (!this.#everyType.includes('v128')) return two('i64.xor')
            return [...this.#value('v128', depth), 'i64x2.extract_lane 1']
          default:
            return two(`i64.${this.#pick(['add', 'sub', 'mul', 'or', 'rotl'])}`)
        }
      // No float arithmetic: which payload a NaN gets is the engine's choice.
      case 'f32':
        return this.#chance(2)
          ? [...this.#value('i32', depth), 'f32.reinterpret_i32']
          : two('f32.copysign')
      case 'f64':
        return this.#chance(2)
          ? [...this.#value('i64', depth), 'f64.reinterpret_i64']
          : two('f64.copysign')
      case 'v128':
        switch (this.#below(3)) {
          case 0:
            return [...this.#value('i64', depth), 'i64x2.splat']
          case 1:
            return [...address(), 'v128.load']
          default:
            return two(this.#pick(['v128.xor', 'i8x16.add', 'i32x4.mul']))
        }
      case 'funcref':
        return [...this.#value('i32', depth), 'i32.const 31', 'i32.and', 'table.get 0']
      case 'externref':
        return [...this.#value('i32', depth), 'i32.const 7', 'i32.and', 'table.get 1']
    }
  }

  #leaf(type: Type): string[] {
    const local = this.#localOf(type)
    if (local !== undefined && this.#chance(2)) return [`local.get ${local}`]
    if (this.#chance(4)) return [`global.get ${1 + this.#everyType.indexOf(type)}`]
    switch (type) {
      case 'funcref':
        return this.#chance(2) ? ['ref.null func'] : [`ref.func ${this.#anyFunction()}`]
      case 'externref':
        return ['ref.null extern']
      case 'v128':
        return [`v128.const i64x2 ${this.#below(1e9)} ${this.#below(1e9)}`]
      default:
        return [`${type}.const ${this.#below(1000)}`]
    }
  }

  #callAndDrop(depth: number): string[] {
    const callee = this.#anyFunction()
    const { results } = this.#signatureOf(callee)
    return [...this.#callOf(callee, depth), ...results.map(() => 'drop')]
  }

  #callOf(callee: number, depth: number): string[] {
    const signature = this.#signatureOf(callee)
    const values = this.#values(signature.params, depth)
    if (this.#chance(3)) {
      return [...values, `i32.const ${3 + callee}`, `call_indirect ${typeText(signature)}`]
    }
    return [...values, `call ${callee}`]
  }

  #tailCall(results: readonly Type[]): string[] {
    const callee = this.#calleeWith(results)
    if (callee === undefined) return []
    const signature = this.#signatureOf(callee)
    const values = this.#values(signature.params, 1)
    return this.#chance(2)
      ? [...values, `return_call ${callee}`]
      : [...values, `i32.const ${3 + callee}`, `return_call_indirect ${typeText(signature)}`]
  }

  /** A loop that takes values along, and goes on while there is something left. */
  #loop(params: readonly Type[], results: readonly Type[], depth: number): string[] {
    const before = this.#values(params, depth)
    this.#labels.push({ types: params, isLoop: true })
    const inside = [
      ...this.#consume(params),
      ...this.#statements(depth),
      takeOne,
      ...this.#values(params, depth),
      ...this.#value('i32', depth),
      'i32.const 3',
      'i32.and',
      someLeft,
      'i32.and',
      'br_if 0',
      ...params.map(() => 'drop'),
      ...this.#values(results, depth),
    ]
    this.#labels.pop()
    return [...before, `loop ${blockText(params, results)}`, ...inside, 'end']
  }

  #block(params: readonly Type[], results: readonly Type[], depth: number): string[] {
    const before = this.#values(params, depth)
    this.#labels.push({ types: results, isLoop: false })
    const inside = [
      ...this.#consume(params),
      ...this.#statements(depth),
      ...this.#values(results, depth),
    ]
    this.#labels.pop()
    return [...before, `block ${blockText(params, results)}`, ...inside, 'end']
  }

  #if(params: readonly Type[], results: readonly Type[], depth: number): string[] {
    const isShort = this.#chance(3)
    const gives = isShort ? params : results
    const before = [...this.#values(params, depth), ...this.#value('i32', depth)]
    this.#labels.push({ types: gives, isLoop: false })
    const branch = (): string[] => [
      ...this.#consume(params),
      ...this.#statements(depth),
      ...this.#values(gives, depth),
    ]
    const code = [...before, `if ${blockText(params, gives)}`, ...branch()]
    if (!isShort) code.push('else', ...branch())
    this.#labels.pop()
    return [...code, 'end', ...(isShort ? this.#convert(params, results, depth) : [])]
  }

  #convert(from: readonly Type[], to: readonly Type[], depth: number): string[] {
    return [...from.map(() => 'drop'), ...this.#values(to, depth)]
  }

  #branchIf(depth: number): string[] {
    const label = this.#below(this.#labels.length)
    const { types, isLoop } = this.#labels[this.#labels.length - 1 - label] ?? noLabel
    return [
      ...this.#values(types, depth),
      ...this.#value('i32', depth),
      ...(isLoop ? [takeOne, someLeft, 'i32.and'] : []),
      `br_if ${label}`,
      ...types.map(() => 'drop'),
    ]
  }

  /** Labels with the same types as one that is chosen; dead code behind. */
  #branchTable(depth: number): string[] {
    const chosen = this.#labels[this.#below(this.#labels.length)] ?? noLabel
    const same = this.#labels.flatMap(({ types }, index) =>
      types.join() === chosen.types.join() ? [this.#labels.length - 1 - index] : [],
    )
    const leaving = same.filter(
      (label) => this.#labels[this.#labels.length - 1 - label]?.isLoop !== true,
    )
    const [way = -1] = leaving
    if (way < 0) return ['nop']
    const targets = Array.from({ length: 1 + this.#below(5) }, () => this.#pick(same) + 1)
    const under = this.#types(2)
    const before = this.#values(under, depth)
    this.#labels.push(noLabel)
    const inside = [
      ...this.#values(chosen.types, depth),
      takeOne,
      // Nothing left: the default, which leaves.
      ...this.#value('i32', depth),
      someLeft,
      'i32.const 0',
      'i32.ne',
      'i32.const -1',
      'i32.add',
      'i32.or',
      'i32.const 7',
      'i32.and',
      `br_table ${targets.join(' ')} ${way + 1}`,
      ...(this.#chance(2) ? ['i32.add', 'drop', 'call 2'] : []),
    ]
    this.#labels.pop()
    return [...before, 'block', ...inside, 'end', ...under.map(() => 'drop')]
  }

  /** A branch or return that is not always taken, with dead code behind it. */
  #leaving(depth: number): string[] {
    const label = this.#below(this.#labels.length)
    const { types, isLoop } = this.#labels[this.#labels.length - 1 - label] ?? noLabel
    const dead = this.#chance(2) ? ['i32.const 1', 'i32.add', 'drop', '(loop (br 0))'] : []
    const condition = [...this.#value('i32', depth), 'i32.const 3', 'i32.and', 'i32.eqz']
    this.#labels.push(noLabel)
    const leave =
      this.#chance(3) || isLoop
        ? [...this.#values(this.#results, depth), 'return']
        : [...this.#values(types, depth), `br ${label + 1}`]
    this.#labels.pop()
    return [...condition, 'if', ...leave, ...dead, 'end']
  }

  #setLocal(depth: number): string[] {
    if (this.#locals.length === 0) return ['nop']
    const local = this.#below(this.#locals.length)
    return [...this.#value(this.#locals[local] ?? 'i32', depth), `local.set ${local}`]
  }

  #setGlobal(depth: number): string[] {
    const type = this.#type()
    return [...this.#value(type, depth), `global.set ${1 + this.#everyType.indexOf(type)}`]
  }

  #store(depth: number): string[] {
    const type = this.#pick(this.#stored)
    return [...this.#value(type, depth), `${type}.store`]
  }

  #tableStatement(depth: number): string[] {
    const index = ['i32.const 7', 'i32.and', 'i32.const 32', 'i32.add']
    return [...this.#value('i32', depth), ...index, ...this.#value('funcref', depth), 'table.set 0']
  }

  /** Takes the parameters of a block off, into locals where there are some. */
  #consume(params: readonly Type[]): string[] {
    return params.toReversed().map((type) => {
      const local = this.#localOf(type)
      return local === undefined ? 'drop' : `local.set ${local}`
    })
  }

  #dropping(code: (results: readonly Type[]) => string[]): string[] {
    const results = this.#types(2)
    return [...code(results), ...results.map(() => 'drop')]
  }

  #localOf(type: Type): number | undefined {
    const fitting = this.#locals.flatMap((one, index) => (one === type ? [index] : []))
    return fitting.length === 0 ? undefined : this.#pick(fitting)
  }

  #calleeWith(results: readonly Type[]): number | undefined {
    const fitting = this.#signatures.flatMap((one, index) =>
      one.results.join() === results.join() ? [index] : [],
    )
    return fitting.length === 0 ? undefined : this.#pick(fitting)
  }

  #anyFunction(): number {
    return this.#below(this.#signatures.length)
  }

  #signatureOf(index: number): Signature {
    return this.#signatures[index] ?? { params: [], results: [] }
  }

  #type(): Type {
    return this.#pick(this.#everyType)
  }

  #types(most: number): Type[] {
    return Array.from({ length: this.#below(most + 1) }, () => this.#type())
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item
  }

  #chance(oneIn: number): boolean {
    return this.#below(oneIn) === 0
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}

const noLabel: Label = { types: [], isLoop: false }
const takeOne = '(global.set $left (i32.sub (global.get $left) (i32.const 1)))'
const someLeft = '(i32.gt_s (global.get $left) (i32.const 0))'

function typeText({ params, results }: Signature): string {
  return [
    ...params.map((type) => `(param ${type})`),
    ...results.map((type) => `(result ${type})`),
  ].join(' ')
}

function blockText(params: readonly Type[], results: readonly Type[]): string {
  return typeText({ params, results })
}

function zero(type: Type): string {
  switch (type) {
    case 'funcref':
      return '(ref.null func)'
    case 'externref':
      return '(ref.null extern)'
    case 'v128':
      return '(v128.const i64x2 0 0)'
    default:
      return `(${type}.const 0)`
  }
}
