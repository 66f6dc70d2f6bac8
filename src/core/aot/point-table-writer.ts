import { ByteWriter } from './byte-writer.js'
import { eventKind } from './function-code.js'
import { type FunctionContext, pointOperands } from './function-context.js'
import type { IntList } from './int-list.js'
import { type ModuleLayout, signatureOf } from './module-layout.js'
import { calleeKind, pointKind, tableMagic, tableVersion } from './point-table-format.js'
import { type WaitShape, waitShape } from './waits.js'

/** Collects the stable points of a module; docs/compiled-code.md has the format. */
export class PointTableWriter {
  readonly #functions = new ByteWriter(1 << 16)
  readonly #one = new ByteWriter(1 << 12)
  #count = 0
  #last = 0

  /** Adds a function, in the order of their indices. */
  add(context: FunctionContext): void {
    const { code, points, signature } = context
    const out = this.#one
    out.clear()
    out.u32(code.paramCount)
    writeRuns(out, code.locals)
    out.vector(signature.results)
    out.u32(points.count)
    let pc = 0
    for (let point = 0; point < points.count; point++) {
      const next = code.end.at(points.event.at(point)) - code.codeStart
      out.u32(next - pc)
      pc = next
      writePoint(out, context, point)
    }
    this.#functions.u32(code.index - this.#last)
    this.#last = code.index
    this.#functions.vector(out.view())
    this.#count++
  }

  /** The whole table. */
  finish(layout: ModuleLayout, waits: readonly WaitShape[]): Uint8Array {
    const out = new ByteWriter(this.#functions.length + 64)
    out.put(...tableMagic, tableVersion)
    out.u32(layout.functionTypes.length)
    out.u32(layout.importedFunctions)
    for (let index = 0; index < layout.importedFunctions; index++) {
      out.vector(signatureOf(layout, index).params)
    }
    out.u32(waits.length)
    for (const { width, offset } of waits) {
      out.byte(width)
      out.u32(offset)
    }
    out.u32(this.#count)
    out.append(this.#functions)
    return out.view().slice()
  }
}

function writePoint(out: ByteWriter, context: FunctionContext, point: number): void {
  const { code, points, liveness } = context
  const event = points.event.at(point)
  const kind = code.kind.at(event)
  out.vector(pointOperands(context, event))
  if (event === 0) out.byte(pointKind.entry)
  else if (kind === eventKind.loop) out.byte(pointKind.loop)
  else writeCall(out, context, event)
  const live = new ByteWriter(64)
  let count = 0
  let last = 0
  for (let local = 0; local < code.locals.length; local++) {
    if (!liveness.atPoint.has(point, local)) continue
    live.u32(local - last)
    last = local
    count++
  }
  out.u32(count)
  out.append(live)
}

function writeCall(out: ByteWriter, context: FunctionContext, event: number): void {
  const { code, plan } = context
  const a = code.a.at(event)
  out.byte(pointKind.call)
  out.u32(code.end.at(event) - code.at.at(event))
  out.u32(context.callSignature(event).results.length)
  switch (code.kind.at(event)) {
    case eventKind.call:
      out.byte(calleeKind.function)
      out.u32(a)
      return
    case eventKind.wait:
      out.byte(calleeKind.function)
      out.u32(plan.waitFrame(waitShape(a, code.b.at(event))))
      return
    default:
      out.byte(calleeKind.indirect)
      out.u32(a)
      return
  }
}

/** Types as pairs of how many, and which. */
function writeRuns(out: ByteWriter, types: IntList): void {
  const runs = new ByteWriter(16)
  let count = 0
  for (let from = 0; from < types.length; count++) {
    let to = from + 1
    while (to < types.length && types.at(to) === types.at(from)) to++
    runs.u32(to - from)
    runs.byte(types.at(from))
    from = to
  }
  out.u32(count)
  out.append(runs)
}
