import wabt from 'wabt'

/** Compiles the text format, every feature that the interpreter has switched on. */
export async function compileWat(text: string): Promise<Uint8Array> {
  const compiler = await wabt()
  const module = compiler.parseWat('guest.wat', text, {
    bulk_memory: true,
    multi_value: true,
    reference_types: true,
    tail_call: true,
    threads: true,
  })
  try {
    return module.toBinary({ write_debug_names: true }).buffer
  } finally {
    module.destroy()
  }
}
