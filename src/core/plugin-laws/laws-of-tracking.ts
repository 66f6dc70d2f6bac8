import { DoesNotApply, hold, holdSame, type Law, plain } from './law.js'
import { SampleGuest } from './sample-guest.js'
import { completeOp } from './sample-op.js'

/** What a tracker does while its guest runs, and what looking at it does. */
export const lawsOfTracking: readonly Law[] = [
  {
    name: 'record-is-a-fold',
    statement: 'record is synchronous, and the same operations come to the same state',
    per: 'scene',
    async check({ plugin, scene }) {
      const first = await SampleGuest.played(plugin, scene)
      const second = await SampleGuest.played(plugin, scene)
      try {
        const { stored } = await first.take()
        holdSame(plain((await second.take()).stored), plain(stored), 'the state of a second run')
        for (const [index, op] of (scene.ops ?? []).entries()) {
          const answer: unknown = second.tracker.record(completeOp(op, BigInt(1000 + index)))
          hold(answer === undefined, 'record answers something: it has to be synchronous')
        }
      } finally {
        await first.end()
        await second.end()
      }
    },
  },
  {
    name: 'record-takes-any',
    statement: 'record takes calls that it does not know, and failed ones change nothing',
    per: 'scene',
    async check({ plugin, scene }) {
      const guest = await SampleGuest.played(plugin, scene)
      try {
        const before = plain((await guest.take()).stored)
        guest.tracker.record(completeOp({ call: 'call_of_the_future' }, 1_000_000n))
        guest.tracker.record(
          completeOp({ call: 'fd_close', touches: [`${plugin.name}/999999`] }, 1_000_001n),
        )
        for (const [index, op] of (scene.ops ?? []).entries()) {
          const failed = { ...op, errno: 'io', results: {}, creates: null }
          guest.tracker.record(completeOp(failed, BigInt(1_000_002 + index)))
        }
        holdSame(plain((await guest.take()).stored), before, 'the state after calls that failed')
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'snapshot-changes-nothing',
    statement: 'a snapshot changes neither the tracker nor anything outside',
    per: 'scene',
    async check({ plugin, scene }) {
      const guest = await SampleGuest.played(plugin, scene)
      try {
        const world = await guest.world()
        const first = plain((await guest.take()).stored)
        hold((await guest.world()) === world, 'something outside has changed')
        holdSame(plain((await guest.take()).stored), first, 'the state of a second snapshot')
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'plan-tells',
    statement: 'plan names every resource with a status and a reason, and changes nothing',
    per: 'scene',
    async check({ plugin, scene }) {
      const guest = await SampleGuest.played(plugin, scene)
      try {
        if (guest.tracker.plan === undefined) throw new DoesNotApply()
        const before = plain((await guest.take()).stored)
        for (const { resource, status, reason, hint } of guest.tracker.plan(scene.flags ?? {})) {
          hold(resource !== '', 'a resource of plan has no name')
          hold(['portable', 'mapping', 'blocked'].includes(status), `"${status}" is no status`)
          hold(reason !== '', `plan gives no reason for ${resource}`)
          hold(
            status === 'portable' || hint !== '',
            `plan does not say what to do about ${resource}`,
          )
        }
        holdSame(plain((await guest.take()).stored), before, 'the state after plan')
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'resources-are-named',
    statement: 'what a recovery without the plugin would lose has names',
    per: 'scene',
    async check({ plugin, scene }) {
      if (plugin.resources === undefined) throw new DoesNotApply()
      const guest = await SampleGuest.played(plugin, scene)
      try {
        const { state } = await guest.take()
        for (const name of plugin.resources(state)) {
          hold(typeof name === 'string' && name !== '', 'a resource has no name')
        }
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'dispose-twice',
    statement: 'dispose may be called twice, and leaves nothing behind',
    per: 'scene',
    async check({ plugin, scene }) {
      const guest = await SampleGuest.played(plugin, scene)
      try {
        await guest.tracker.dispose()
        await guest.tracker.dispose()
      } finally {
        await guest.end()
      }
    },
  },
]
