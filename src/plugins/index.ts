import type { AnyPlugin } from '../core/plugin.js'
import { files } from './files/index.js'
import { ipc } from './ipc/index.js'

/** Plugins that wasmsh comes with. */
export const builtInPlugins: readonly AnyPlugin[] = [files, ipc]
