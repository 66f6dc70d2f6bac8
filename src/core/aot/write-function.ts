import { ByteWriter } from './byte-writer.js'
import { CodeEmitter } from './code-emitter.js'
import type { FunctionContext } from './function-context.js'
import { HomeLocals } from './home-locals.js'
import { IntList } from './int-list.js'
import { hostImports } from './interface-names.js'
import { reload } from './move-values.js'
import { NormalBody } from './normal-body.js'
import { op } from './opcodes.js'
import { TwinBody } from './twin-body.js'
import { i32 } from './value-types.js'
import { WantedPoints } from './wanted-points.js'

/** Entries of the code section, and the places of their instructions (see CodePlaces). */
export interface WrittenCode {
  readonly bodies: ByteWriter
  readonly places: ByteWriter
}

/** Writes the version of a function that runs from its beginning. */
export function writeNormal(
  context: FunctionContext,
  { bodies, places }: WrittenCode,
  pollsAtEntry: boolean,
): void {
  const { code, emitter, homes, plan } = context
  context.reset()
  if (pollsAtEntry) {
    emitter.globalGet(plan.pollGlobal)
    emitter.open(op.if)
    context.spill(0)
    emitter.close()
  }
  const body = new NormalBody(context)
  body.skipTo(0)
  body.range(1, code.events)
  const head = new ByteWriter(64)
  homes.writeLocals(head, code.locals, code.paramCount)
  writeEntry(bodies, head, context.out)
  context.places.write(places, code.index, 0)
}

/** Writes the twin: without parameters, it takes the next frame from the host and goes on at its
 *  point. */
export function writeTwin(
  context: FunctionContext,
  { bodies, places }: WrittenCode,
  wanted: ReadonlySet<number> | undefined,
): void {
  const { code, homes, plan, points } = context
  context.reset()
  const point = homes.add(i32)
  const chosen = new WantedPoints(points.count, wanted)
  new TwinBody(context, chosen, point).write()
  const head = new ByteWriter(256)
  // Parameters are locals like the others here.
  homes.writeLocals(head, code.locals, 0)
  const declarations = head.length
  const emitter = new CodeEmitter(head, plan.types)
  emitter.call(plan.hostImport(hostImports.enter))
  emitter.localSet(point)
  for (let local = 0; local < code.locals.length; local++) {
    if (isLiveAtAny(context, chosen, local)) {
      reload(emitter, plan, local, local, code.locals.at(local))
    }
  }
  for (const home of homes.all()) {
    reload(emitter, plan, code.locals.length + home.depth, home.local, home.type)
  }
  writeEntry(bodies, head, context.out)
  context.places.write(places, code.index, head.length - declarations)
}

function isLiveAtAny(
  { liveness, points }: FunctionContext,
  chosen: WantedPoints,
  local: number,
): boolean {
  for (let point = 0; point < points.count; point++) {
    if (chosen.isAny(point, point + 1) && liveness.atPoint.has(point, local)) return true
  }
  return false
}

/** Writes a function of ours; `body` gets an emitter and room for extra locals. */
export function writeHelper(
  out: ByteWriter,
  emitter: CodeEmitter,
  paramCount: number,
  body: (homes: HomeLocals) => void,
): void {
  const homes = new HomeLocals()
  homes.reset(paramCount)
  emitter.out.clear()
  emitter.level = 0
  body(homes)
  emitter.close()
  const head = new ByteWriter(64)
  homes.writeLocals(head, noLocals, 0)
  writeEntry(out, head, emitter.out)
}

const noLocals = new IntList(0)

function writeEntry(out: ByteWriter, head: ByteWriter, body: ByteWriter): void {
  out.u32(head.length + body.length)
  out.append(head)
  out.append(body)
}
