import * as assert from 'uvu/assert'
import type { Operation } from '../../../src/core/oplog/operation.js'
import { OpRouter } from '../../../src/core/plugin-host/op-router.js'
import { suite } from '../../support/suite.js'

let seq = 0n

/** "fd" fields are descriptors, all others numbers. */
function operation(
  call: string,
  parameters: Readonly<Record<string, number>>,
  opened?: number,
  errno = 'success',
): Operation {
  seq++
  const fields = Object.entries(parameters).map(([name, value]) => ({
    name,
    type: name.endsWith('fd') || name === 'to' ? 'fd' : 'size',
    value: BigInt(value),
  }))
  return {
    seq,
    call,
    thread: 0,
    position: null,
    errno,
    parameters: fields,
    results: opened === undefined ? [] : [{ name: 'opened_fd', type: 'fd', value: BigInt(opened) }],
    frames: [],
    writes: [],
    data: null,
  }
}

function router(): OpRouter {
  const owners = new Map([
    ['path_open', 'files'],
    ['sock_accept', 'sockets'],
    ['env.meter_open', 'meter'],
  ])
  const made = new OpRouter(
    owners,
    'files',
    new Map([
      ['env.meter_open', 'meter'],
      ['env.meter_add', 'meter'],
    ]),
  )
  made.begin([0, 1, 2, 3])
  return made
}

const routed = ({ op, classes }: ReturnType<OpRouter['route']>) => ({
  touches: op.touches,
  creates: op.creates,
  classes: [...classes],
})

suite('OpRouter.route', (test) => {
  test('gives an op to the class that owns what it makes', () => {
    const r = router()
    assert.equal(routed(r.route(operation('path_open', { fd: 3 }, 4))), {
      touches: ['files/4'],
      creates: 'files/5',
      classes: ['files'],
    })
    assert.is(r.behind(4), 'files/5')
  })

  test('gives an op to the class of each open file that it touches', () => {
    const r = router()
    r.route(operation('sock_accept', { fd: 3 }, 4))
    const { touches, classes } = routed(r.route(operation('path_rename', { fd: 3, new_fd: 4 })))
    assert.equal(touches, ['files/4', 'sockets/5'])
    assert.equal(classes, ['files', 'sockets'])
  })

  test('follows descriptors through renumbering and closing', () => {
    const r = router()
    r.route(operation('path_open', { fd: 3 }, 4))
    r.route(operation('fd_renumber', { fd: 4, to: 1 }))
    assert.is(r.behind(1), 'files/5')
    assert.is(r.behind(4), undefined)
    r.route(operation('fd_renumber', { fd: 1, to: 1 }))
    assert.is(r.behind(1), 'files/5')
    assert.equal(routed(r.route(operation('fd_close', { fd: 1 }))).touches, ['files/5'])
    assert.is(r.behind(1), undefined)
  })

  test('makes nothing of a call that failed', () => {
    const r = router()
    assert.is(r.route(operation('path_open', { fd: 3 }, 4, 'noent')).op.creates, null)
    r.route(operation('fd_close', { fd: 3 }, undefined, 'badf'))
    assert.is(r.behind(3), 'files/4')
  })

  test('gives the calls of an import to its plugin, with an id for what they make', () => {
    const r = router()
    assert.equal(routed(r.route(operation('env.meter_add', { amount: 3 }))), {
      touches: [],
      creates: null,
      classes: ['meter'],
    })
    assert.is(r.route(operation('env.meter_open', {})).op.creates, 'meter/5')
  })

  test('takes what a plugin has opened instead of what the owner of the call would have made', () => {
    const r = router()
    const id = r.reserve('meter')
    assert.equal(routed(r.route(operation('path_open', { fd: 3 }, 4), id)), {
      touches: ['files/4'],
      creates: 'meter/5',
      classes: ['files', 'meter'],
    })
    assert.equal(routed(r.route(operation('fd_close', { fd: 4 }))).classes, ['meter'])
  })

  test('knows what a snapshot names', () => {
    const r = new OpRouter(new Map([['path_open', 'files']]), 'files')
    r.begin([3, 4], new Map([[4, 'meter/9']]))
    assert.is(r.behind(4), 'meter/9')
    assert.is(r.behind(3), 'files/10')
  })
})
