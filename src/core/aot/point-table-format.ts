/** Numbers in the table of stable points; docs/compiled-code.md has the format. */

/** "WSP", then the version. */
export const tableMagic = [0x57, 0x53, 0x50] as const
export const tableVersion = 1

export const pointKind = { entry: 0, loop: 1, call: 2 } as const
export const calleeKind = { function: 0, indirect: 1 } as const
