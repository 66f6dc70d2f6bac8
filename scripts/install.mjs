// npm's install step of the published package: builds the native part. In a checkout `npm start`
// and `npm test` do that, together with everything else.
import { isCheckout } from './lib/paths.mjs'
import { setUp } from './lib/set-up.mjs'
import { runScript } from './lib/setup-error.mjs'

await runScript(async () => {
  if (!isCheckout) await setUp()
})
