/** Files of guests in compiled code: snapshots in front of and behind every host call, and at random
 *  times. */
import { defineFileEngineTests } from './engines-files.js'

await defineFileEngineTests({ hostCalls: 'host calls', pauses: 100 }, { withGo: true })
