import type { AnyPlugin } from '../plugin.js'
import { requirePlugin } from '../plugin-host/registry.js'
import { DoesNotApply, type Law, messageOf } from './law.js'
import { lawsOfCalls } from './laws-of-calls.js'
import { lawsOfFaults } from './laws-of-faults.js'
import { lawsOfRecovery } from './laws-of-recovery.js'
import { lawsOfState } from './laws-of-state.js'
import { lawsOfTracking } from './laws-of-tracking.js'
import type { PluginSamples, Scene } from './samples.js'

/** Every law, in the order in which they are held. */
export const laws: readonly Law[] = [
  {
    name: 'contract',
    statement: 'the plugin is as the contract wants it',
    per: 'plugin',
    check: ({ plugin }) => requirePlugin(plugin),
  },
  {
    name: 'samples',
    statement: 'the package says how its trackers come to hold something',
    per: 'plugin',
    check({ samples }) {
      if (samples.scenes.length === 0) throw new Error('there are no scenes in the samples')
    },
  },
  ...lawsOfState,
  ...lawsOfTracking,
  ...lawsOfCalls,
  ...lawsOfRecovery,
  ...lawsOfFaults,
]

/** How one law was kept in one scene. */
export interface LawResult {
  readonly law: string
  readonly statement: string
  /** Null for laws about the plugin as a whole. */
  readonly scene: string | null
  /** "skipped": the law says nothing about it. */
  readonly status: 'passed' | 'failed' | 'skipped'
  /** How it was broken; "" otherwise. */
  readonly message: string
}

export interface LawReport {
  readonly plugin: string
  readonly stateVersion: number
  readonly scenes: number
  readonly results: readonly LawResult[]
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export interface CheckOptions {
  /** Most that a law may take in one scene, 10 s by default. */
  readonly limitMs?: number
  /** Told of each result as it comes. */
  readonly onResult?: (result: LawResult) => void
}

/** A tracker that was told nothing has to keep to every law, too. */
const nothing: Scene = { name: 'nothing' }

/** Holds a plugin to every law, in every scene of its samples. */
export async function checkPlugin(
  plugin: AnyPlugin,
  samples: PluginSamples,
  options: CheckOptions = {},
): Promise<LawReport> {
  const results: LawResult[] = []
  const scenes = [nothing, ...samples.scenes]
  for (const law of laws) {
    for (const scene of law.per === 'plugin' ? [nothing] : scenes) {
      const result = await holdLaw(law, { plugin, samples, scene }, options.limitMs ?? 10_000)
      results.push(result)
      options.onResult?.(result)
      // Without these nothing else means anything.
      if (result.status === 'failed' && law.name === 'contract')
        return report(plugin, samples, results)
    }
  }
  return report(plugin, samples, results)
}

function report(
  plugin: AnyPlugin,
  samples: PluginSamples,
  results: readonly LawResult[],
): LawReport {
  const count = (status: LawResult['status']): number =>
    results.filter((one) => one.status === status).length
  return {
    plugin: String(plugin.name),
    stateVersion: plugin.state?.version ?? 0,
    scenes: samples.scenes.length,
    results,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
  }
}

async function holdLaw(
  law: Law,
  subject: Parameters<Law['check']>[0],
  limitMs: number,
): Promise<LawResult> {
  const { name, statement, per } = law
  const common = { law: name, statement, scene: per === 'plugin' ? null : subject.scene.name }
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it takes over ${limitMs / 1000} s`)), limitMs)
  })
  try {
    await Promise.race([law.check(subject), limit])
    return { ...common, status: 'passed', message: '' }
  } catch (error) {
    if (error instanceof DoesNotApply) return { ...common, status: 'skipped', message: '' }
    return { ...common, status: 'failed', message: messageOf(error) }
  } finally {
    clearTimeout(timer)
  }
}
