/** What the tests of a plugin import: `wasmsh/testing`. */
export {
  type CheckOptions,
  checkPlugin,
  type LawReport,
  type LawResult,
  laws,
} from './core/plugin-laws/check-plugin.js'
export { FakeHost } from './core/plugin-laws/fake-host.js'
export { Faults, InjectedFault } from './core/plugin-laws/faults.js'
export type { Law } from './core/plugin-laws/law.js'
export { SampleGuest, type TakenSample } from './core/plugin-laws/sample-guest.js'
export {
  defineSamples,
  type FileTree,
  type PluginSamples,
  type SampleCall,
  type SampleDescriptor,
  type SampleEdit,
  type SampleOp,
  type Scene,
  type StoredSample,
} from './core/plugin-laws/samples.js'
