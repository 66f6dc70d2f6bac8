import { WasmshError } from '../errors.js'
import type { NativeEdit } from '../native.js'
import type { ManifestEdit } from '../snapshot/manifest.js'
import { formatValue } from '../value/value.js'
import type { Frame, Instance, Thread, Value, View } from '../wasm-view.js'

type StateEdit = Exclude<NativeEdit, { kind: 'memory' }>

/** A view after an edit, and the record of it. */
export interface ChangedView {
  readonly view: View
  readonly edit: ManifestEdit
}

/**
 * Changes one place of a stored state. Frames are numbered from the innermost, 0. Whether the
 * result fits the module is for validateState to say.
 *
 * @throws WasmshError EDIT_TARGET, EDIT_VALUE
 */
export function changeView(
  view: View,
  edit: StateEdit,
  isMutable: (global: number) => boolean,
): ChangedView {
  switch (edit.kind) {
    case 'local':
    case 'operand':
      return changeSlot(view, edit)
    case 'global':
      if (!isMutable(edit.index)) refuse(`Global ${edit.index} cannot be changed: it is constant`)
      return changeGlobal(view, edit)
    case 'table':
      return changeTable(view, edit)
    case 'pc':
      return changePc(view, edit)
  }
}

function changeSlot(
  view: View,
  edit: Extract<StateEdit, { kind: 'local' | 'operand' }>,
): ChangedView {
  const { thread, frame } = edit
  const list = edit.kind === 'local' ? 'locals' : 'operands'
  const { found, at } = findFrame(view, thread, frame)
  const before = found[list][edit.index]
  const target = `${edit.kind === 'local' ? 'local' : 'stack'} ${edit.index}`
  if (before === undefined) {
    return refuse(`There is no ${target}: the frame has ${found[list].length} ${list}`)
  }
  if (!before.available) return refuse(`${target} is not available at this place`)
  const after = withBits(before, edit.bits)
  const changed = { ...found, [list]: found[list].with(edit.index, after) }
  return {
    view: replaceFrame(view, thread, at, changed),
    edit: { ...record(target, before, after), frame, function: found.function },
  }
}

function changeGlobal(view: View, edit: Extract<StateEdit, { kind: 'global' }>): ChangedView {
  const instance = view.instances[0]
  const before = instance?.globals[edit.index]
  if (instance === undefined || before === undefined) {
    return refuse(`There is no global ${edit.index}`)
  }
  const after = withBits(before, edit.bits)
  return {
    view: replaceInstance(view, { ...instance, globals: instance.globals.with(edit.index, after) }),
    edit: record(`global ${edit.index}`, before, after),
  }
}

function changeTable(view: View, edit: Extract<StateEdit, { kind: 'table' }>): ChangedView {
  const instance = view.instances[0]
  const table = instance?.tables[edit.table]
  const bits = table?.elements[edit.index]
  if (instance === undefined || table === undefined || bits === undefined) {
    return refuse(`There is no table ${edit.table}[${edit.index}]`)
  }
  const before: Value = { type: table.type, bits, available: true }
  const after = withBits(before, edit.bits)
  const changed = { ...table, elements: table.elements.with(edit.index, after.bits) }
  return {
    view: replaceInstance(view, {
      ...instance,
      tables: instance.tables.with(edit.table, changed),
    }),
    edit: record(`table ${edit.table}[${edit.index}]`, before, after),
  }
}

function changePc(view: View, edit: Extract<StateEdit, { kind: 'pc' }>): ChangedView {
  const { found, at, status } = findFrame(view, edit.thread, 0)
  if (status === 'host-call' || status === 'atomic-wait') {
    return refuse('The pc cannot be changed while the guest waits inside a call')
  }
  return {
    view: replaceFrame(view, edit.thread, at, { ...found, pc: edit.pc }),
    edit: {
      target: 'pc',
      type: 'pc',
      old: String(found.pc),
      new: String(edit.pc),
      frame: 0,
      function: found.function,
    },
  }
}

function findFrame(
  view: View,
  thread: number,
  frame: number,
): { readonly found: Frame; readonly at: number; readonly status: Thread['status'] } {
  const owner = view.threads.find(({ id }) => id === thread)
  // Stored outermost first.
  const at = (owner?.frames.length ?? 0) - 1 - frame
  const found = owner?.frames[at]
  if (owner === undefined || found === undefined || frame < 0) {
    return refuse(`There is no frame ${frame} of thread ${thread}`)
  }
  return { found, at, status: owner.status }
}

function replaceFrame(view: View, thread: number, at: number, frame: Frame): View {
  const threads = view.threads.map((each) =>
    each.id === thread ? { ...each, frames: each.frames.with(at, frame) } : each,
  )
  return { ...view, threads }
}

function replaceInstance(view: View, instance: Instance): View {
  return { ...view, instances: view.instances.with(0, instance) }
}

const widths: Readonly<Record<Value['type'], bigint>> = {
  i32: 32n,
  i64: 64n,
  f32: 32n,
  f64: 64n,
  v128: 128n,
  funcref: 32n,
  externref: 0n,
}

function withBits(before: Value, bits: bigint): Value {
  const isNull = bits === -1n && before.type.endsWith('ref')
  if (!isNull && (bits < 0n || bits >> widths[before.type] !== 0n)) {
    throw new WasmshError('ERR_WASMSH_EDIT_VALUE', `${bits} are no bits of type ${before.type}`)
  }
  return { ...before, bits }
}

function record(target: string, before: Value, after: Value): ManifestEdit {
  return {
    target,
    type: before.type,
    old: formatValue(before.type, before.bits),
    new: formatValue(after.type, after.bits),
  }
}

function refuse(message: string): never {
  throw new WasmshError('ERR_WASMSH_EDIT_TARGET', message)
}
