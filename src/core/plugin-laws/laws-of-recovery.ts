import type { AnyPlugin } from '../plugin.js'
import { runEdit } from '../plugin-host/resource-edit.js'
import { DoesNotApply, hold, holdSame, type Law, messageOf, plain } from './law.js'
import { SampleGuest, type TakenSample } from './sample-guest.js'
import type { Scene } from './samples.js'

async function takenOf(plugin: AnyPlugin, scene: Scene): Promise<TakenSample> {
  const guest = await SampleGuest.played(plugin, scene)
  try {
    return await guest.take()
  } finally {
    await guest.end()
  }
}

/** What a state has to come to on another host. */
export const lawsOfRecovery: readonly Law[] = [
  {
    name: 'recover-snapshot',
    statement: 'what is recovered on another host gives the same state again',
    per: 'scene',
    async check({ plugin, scene }) {
      const sample = await takenOf(plugin, scene)
      const guest = SampleGuest.fresh(plugin, scene, 1)
      try {
        const lost = await guest.recover(sample)
        await guest.tracker.resume?.()
        for (const { resource, reason } of lost) {
          hold(resource !== '' && reason !== '', 'a degradation has no resource or no reason')
        }
        if (lost.length > 0) throw new DoesNotApply()
        holdSame(
          plain((await guest.take()).stored),
          plain(sample.stored),
          'the state after recovery',
        )
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'stored-recovers',
    statement: 'every stored state of the samples can be recovered',
    per: 'plugin',
    async check({ plugin, samples, scene }) {
      const stored = samples.stored ?? []
      if (stored.length === 0) throw new DoesNotApply()
      const { migrations, version: current } = plugin.state
      for (const { version, state, name = `of version ${version}` } of stored) {
        let upgraded = plain(state)
        for (let at = version; at < current; at++) upgraded = migrations[at]?.(upgraded) ?? null
        const guest = SampleGuest.fresh(plugin, samples.scenes[0] ?? scene, 1)
        try {
          await guest.recover({ stored: upgraded, blobs: new Map() })
        } catch (error) {
          throw new Error(`the stored state ${name} cannot be recovered: ${messageOf(error)}`)
        } finally {
          await guest.end()
        }
      }
    },
  },
  {
    name: 'undo-takes-back',
    statement: 'undo takes back what recover did, and a second try works',
    per: 'scene',
    async check({ plugin, scene }) {
      const sample = await takenOf(plugin, scene)
      const guest = SampleGuest.fresh(plugin, scene, 1)
      try {
        const world = await guest.world()
        await guest.recover(sample)
        const isChanged = (await guest.world()) !== world
        if (guest.tracker.undo === undefined) {
          hold(!isChanged, 'recover changes something outside, and there is no undo')
          throw new DoesNotApply()
        }
        await guest.tracker.undo()
        hold((await guest.world()) === world, 'something outside is not as it was before recover')
        await guest.restart()
        await guest.recover(sample).catch((error: unknown) => {
          throw new Error(`the second try fails: ${messageOf(error)}`)
        })
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'edits-agree',
    statement: 'an edit of a guest and of a stored snapshot come to the same state',
    per: 'scene',
    async check({ plugin, scene }) {
      const { edits } = plugin
      const changes = scene.edits ?? []
      if (edits === undefined || changes.length === 0) throw new DoesNotApply()
      const guest = await SampleGuest.played(plugin, scene)
      try {
        const snapshot = { manifest: { edits: [] } } as never
        for (const { target, value } of changes) {
          const before = (await guest.take()).state as never
          const descriptors = guest.host.standing
          const { tracker } = guest
          const place = { plugin, place: target }
          const subject = { kind: 'guest' as const, guest: guest.host.guest as never, tracker }
          const live = await runEdit(place, () => edits.edit(subject, target, value))
          const after = plain((await guest.take()).stored)
          if (edits.editStored === undefined) continue
          const inStore = { kind: 'snapshot' as const, snapshot, state: before, descriptors }
          const stored = await runEdit(place, async () => {
            const change = await edits.editStored?.(inStore, target, value)
            if (change === undefined) throw new TypeError('editStored gives nothing')
            return change
          })
          hold(
            live.old === stored.old && live.new === stored.new,
            `"${target}" is told differently`,
          )
          holdSame(plain(plugin.state.format(stored.state)), after, `the state after "${target}"`)
        }
      } finally {
        await guest.end()
      }
    },
  },
]
