/** Files of guests in compiled code: some pauses; all of them in engines-files.long.test.ts. */
import { defineFileEngineTests } from './engines-files.js'

await defineFileEngineTests({ hostCalls: { count: 4, seed: 1, of: 'host calls' }, pauses: 4 })
