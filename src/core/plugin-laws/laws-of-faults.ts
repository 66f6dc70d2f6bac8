import type { AnyPlugin } from '../plugin.js'
import { DoesNotApply, hold, holdSame, type Law, plain, settles } from './law.js'
import { SampleGuest, type TakenSample } from './sample-guest.js'
import type { Scene } from './samples.js'

/** Calls of services that are made to fail, at most. */
const mostFaults = 200

async function withTaken(
  plugin: AnyPlugin,
  scene: Scene,
  use: (sample: TakenSample) => Promise<void>,
): Promise<void> {
  const guest = await SampleGuest.played(plugin, scene)
  try {
    await use(await guest.take())
  } finally {
    await guest.end()
  }
}

/** What a plugin owes when something fails below it. */
export const lawsOfFaults: readonly Law[] = [
  {
    name: 'fault-in-snapshot',
    statement: 'after a snapshot in which the host fails, the next one is as good as ever',
    per: 'scene',
    async check({ plugin, scene }) {
      const guest = await SampleGuest.played(plugin, scene)
      try {
        const before = plain((await guest.take()).stored)
        for (let call = 1; call <= mostFaults; call++) {
          guest.faults.failAt(call)
          await guest.take().catch(() => undefined)
          if (!guest.faults.hasFailed) {
            guest.faults.failAt(0)
            if (call === 1) throw new DoesNotApply()
            return
          }
          guest.faults.failAt(0)
          const after = plain((await guest.take()).stored)
          holdSame(after, before, `the state after the host failed in its call ${call}`)
        }
      } finally {
        await guest.end()
      }
    },
  },
  {
    name: 'fault-in-recovery',
    statement: 'after a recovery in which the host fails, undo leaves nothing behind',
    per: 'scene',
    async check({ plugin, scene }) {
      await withTaken(plugin, scene, async (sample) => {
        for (let call = 1; call <= mostFaults; call++) {
          const isReached = await failRecovery(plugin, scene, sample, call)
          if (isReached) continue
          if (call === 1) throw new DoesNotApply()
          return
        }
      })
    },
  },
  {
    name: 'missing-blob',
    statement: 'a blob that is missing is an error of recover, and undo leaves nothing behind',
    per: 'scene',
    async check({ plugin, scene }) {
      await withTaken(plugin, scene, async ({ stored, blobs }) => {
        if (blobs.size === 0) throw new DoesNotApply()
        const guest = SampleGuest.fresh(plugin, scene, 1)
        try {
          const world = await guest.world()
          const lost = await guest.recover({ stored, blobs: new Map() }).catch(() => null)
          // What is on the host already may need no blob.
          if (!guest.hasMissed) throw new DoesNotApply()
          const isTold = lost === null || lost.length > 0
          hold(isTold, 'recover says nothing although a blob is missing')
          await guest.tracker.undo?.()
          if (lost === null) {
            hold((await guest.world()) === world, 'something outside is not as it was before')
          }
        } finally {
          await guest.end()
        }
      })
    },
  },
  {
    name: 'abort',
    statement: 'a snapshot or recovery that is given up comes to its end',
    per: 'scene',
    async check({ plugin, scene }) {
      await withTaken(plugin, scene, async (sample) => {
        const aborted = AbortSignal.abort()
        const taker = await SampleGuest.played(plugin, scene)
        const recoverer = SampleGuest.fresh(plugin, scene, 1)
        try {
          await settles(
            taker.take(aborted).catch(() => null),
            'a snapshot',
          )
          holdSame(
            plain((await taker.take()).stored),
            plain(sample.stored),
            'the state after a snapshot that was given up',
          )
          await settles(
            recoverer.recover(sample, aborted).catch(() => null),
            'a recovery',
          )
          await recoverer.tracker.undo?.()
        } finally {
          await taker.end()
          await recoverer.end()
        }
      })
    },
  },
]

/** Whether the call that was to fail came at all. */
async function failRecovery(
  plugin: AnyPlugin,
  scene: Scene,
  sample: TakenSample,
  call: number,
): Promise<boolean> {
  const guest = SampleGuest.fresh(plugin, scene, 1)
  try {
    const world = await guest.world()
    guest.faults.failAt(call)
    const failed = await guest.recover(sample).then(
      () => false,
      () => true,
    )
    const isReached = guest.faults.hasFailed
    guest.faults.failAt(0)
    await guest.tracker.undo?.()
    if (failed) {
      const isBack = (await guest.world()) === world
      hold(isBack, `something outside is not as it was, after the host failed in its call ${call}`)
    }
    return isReached
  } finally {
    await guest.end()
  }
}
