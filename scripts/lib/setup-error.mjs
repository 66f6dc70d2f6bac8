/** Something the user has to do something about: one sentence, and what to do next. */
export class SetupError extends Error {
  /**
   * @param {string} message one sentence without a full stop
   * @param {string} remedy what to do next
   */
  constructor(message, remedy) {
    super(message)
    this.remedy = remedy
  }
}

/** Exit status for a problem of the environment, as wasmsh itself has it. */
const environmentExitCode = 3

/**
 * Runs the main function of a script; turns a SetupError into two lines and exit status 3.
 *
 * @param {() => Promise<void>} main
 */
export async function runScript(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`wasmsh: ${error.message}\n  ${error.remedy}\n`)
    process.exitCode = environmentExitCode
  }
}
