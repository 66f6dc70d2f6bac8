import * as assert from 'uvu/assert'
import {
  below,
  findPlace,
  keyOf,
  leadsOut,
  nameOf,
  placeOf,
} from '../../../src/plugins/files/place.js'
import { suite } from '../../support/suite.js'

const root = { directory: '/data', path: '' }
const at = (path: string) => ({ directory: '/data', path })

suite('below', (test) => {
  test('joins a path to a place, without "." and ".."', () => {
    assert.equal(below(root, 'a/b'), at('a/b'))
    assert.equal(below(at('a'), './b//c/'), at('a/b/c'))
    assert.equal(below(at('a/b'), '../c'), at('a/c'))
    assert.equal(below(at('a'), '..'), root)
    assert.equal(below(root, '.'), root)
  })

  test('gives nothing for what leads out', () => {
    for (const path of ['..', '../x', 'a/../../x', '/etc']) assert.is(below(root, path), null)
    assert.is(below(at('a'), '../../x'), null)
  })

  test('takes bytes, if they are UTF-8', () => {
    assert.equal(below(root, Buffer.from('é')), at('é'))
    assert.is(below(root, Uint8Array.of(0x66, 0xff)), null)
  })
})

suite('nameOf', (test) => {
  test('is the path as the guest knows it', () => {
    assert.is(nameOf(root), '/data')
    assert.is(nameOf(at('a/b')), '/data/a/b')
    assert.is(nameOf({ directory: '/', path: 'a' }), '/a')
  })
})

suite('findPlace', (test) => {
  test('finds the deepest directory of the guest that a path is in', () => {
    const directories = ['/', '/data', '/data/deep']
    assert.equal(findPlace(directories, '/data/f'), at('f'))
    assert.equal(findPlace(directories, '/data/deep/x/y'), { directory: '/data/deep', path: 'x/y' })
    assert.equal(findPlace(directories, '/database'), { directory: '/', path: 'database' })
    assert.equal(findPlace(directories, '/data/x/../f'), at('f'))
    assert.equal(findPlace(['/data'], '/data'), root)
    assert.is(findPlace(['/data'], '/etc/passwd'), null)
    assert.is(findPlace(['/data'], '/data/../etc'), null)
  })
})

suite('leadsOut', (test) => {
  test('goes by the text of a link, from the directory it is in', () => {
    assert.is(leadsOut(at('a/link'), '../b'), false)
    assert.is(leadsOut(at('a/link'), '../../b'), true)
    assert.is(leadsOut(at('link'), '..'), true)
    assert.is(leadsOut(at('link'), '/etc'), true)
  })
})

suite('keyOf', (test) => {
  test('is undone by placeOf', () => {
    for (const place of [root, at('a/b'), { directory: '', path: 'x' }]) {
      assert.equal(placeOf(keyOf(place)), place)
    }
  })
})
