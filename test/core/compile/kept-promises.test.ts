import * as assert from 'uvu/assert'
import { KeptPromises } from '../../../src/core/compile/kept-promises.js'
import { suite } from '../../support/suite.js'

/** Work that ends when it is told to, or given up with its signal: at once, or when it has cleaned up. */
function workOf(signal?: AbortSignal): {
  readonly work: () => Promise<number>
  readonly finish: (result: number) => void
  readonly fail: (error: Error) => void
  begun: number
} {
  let finish: (result: number) => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const promise = new Promise<number>((resolve, reject) => {
    finish = resolve
    fail = reject
    signal?.addEventListener('abort', () => reject(signal.reason))
  })
  const one = {
    work: () => {
      one.begun++
      return promise
    },
    finish,
    fail,
    begun: 0,
  }
  return one
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => assert.unreachable(),
    (error: unknown) => error,
  )
}

suite('KeptPromises', (test) => {
  test('does work once, keeps the latest, and tries again what has failed', async () => {
    const kept = new KeptPromises<number>(2)
    let works = 0
    const work = async (): Promise<number> => ++works
    assert.equal([await kept.share('a', work), await kept.share('a', work)], [1, 1])
    await kept.share('b', work)
    await kept.share('c', work)
    assert.is(await kept.share('a', work), 4)
    const no = new Error('no')
    assert.is(await reasonOf(kept.share('d', () => Promise.reject(no))), no)
    assert.is(await kept.share('d', work), 5)
  })

  test('has work that was given up done for whoever else waits for it', async () => {
    const kept = new KeptPromises<number>(2)
    const leaving = new AbortController()
    const first = workOf(leaving.signal)
    const second = workOf()
    const one = kept.share('a', first.work, leaving.signal)
    const other = kept.share('a', second.work, new AbortController().signal)
    assert.equal([first.begun, second.begun], [1, 0])
    const gone = new Error('gone')
    leaving.abort(gone)
    assert.is(await reasonOf(one), gone)
    second.finish(2)
    assert.is(await other, 2)
    assert.equal([first.begun, second.begun, kept.peek('a')], [1, 1, 2])
  })

  test('lets go at once of whoever waits for the work of others', async () => {
    const kept = new KeptPromises<number>(2)
    const leaving = new AbortController()
    const first = workOf()
    const one = kept.share('a', first.work)
    const other = kept.share('a', workOf().work, leaving.signal)
    const gone = new Error('gone')
    leaving.abort(gone)
    assert.is(await reasonOf(other), gone)
    first.finish(1)
    assert.is(await one, 1)
  })

  test('waits until work that was given up has cleaned up', async () => {
    const kept = new KeptPromises<number>(2)
    const leaving = new AbortController()
    const first = workOf() // goes on, however its signal is
    const one = kept.share('a', first.work, leaving.signal)
    let isOver = false
    const over = reasonOf(one).finally(() => {
      isOver = true
    })
    leaving.abort(new Error('gone'))
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    assert.is(isOver, false)
    first.fail(new Error('killed'))
    assert.is(((await over) as Error).message, 'gone')
  })

  test('tells all of a failure', async () => {
    const kept = new KeptPromises<number>(2)
    const first = workOf()
    const both = [kept.share('a', first.work), kept.share('a', workOf().work)]
    first.fail(new Error('no'))
    for (const one of both) assert.is(((await reasonOf(one)) as Error).message, 'no')
  })
})
