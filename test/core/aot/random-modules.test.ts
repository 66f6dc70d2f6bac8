import { survivesAtRandom } from './random-modules.js'

survivesAtRandom(1, 20)
