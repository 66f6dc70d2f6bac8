/** Recovers snapshot "s" of the store in argument 1, and prints the error as JSON. The test that
 *  starts it has lowered a limit of the process. */
import { openShell } from '../../src/index.js'
import { describeError } from '../../src/shell/json.js'

const shell = await openShell({ home: process.argv[2] ?? '' })
try {
  await shell.recover('s', { paused: true, stdout: 'null' })
  process.stdout.write('{}')
} catch (error) {
  process.stdout.write(JSON.stringify(describeError(error)))
}
await shell.close()
