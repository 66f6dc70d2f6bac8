import { survivesAtRandom } from './random-modules.js'

survivesAtRandom(1000, 1000)
