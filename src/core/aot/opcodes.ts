/** Opcodes that the pass treats each in its own way (core specification 5.4). */
export const op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32And: 0x71,
  i32Sub: 0x6b,
  i64Sub: 0x7d,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  f32ReinterpretI32: 0xbe,
  f64ReinterpretI64: 0xbf,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  misc: 0xfc,
  vector: 0xfd,
  atomic: 0xfe,
} as const

/** Behind the prefixes 0xfd and 0xfe. */
export const vectorConst = 0x0c
export const vectorSplatI64 = 0x12
export const vectorExtractI64 = 0x1d
export const vectorReplaceI64 = 0x1e
export const atomicWait32 = 0x01
export const atomicWait64 = 0x02
/** Behind 0xfc. */
export const tableGrow = 0x0f
