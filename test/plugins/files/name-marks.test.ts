import * as assert from 'uvu/assert'
import { NameMarks } from '../../../src/plugins/files/name-marks.js'
import { suite } from '../../support/suite.js'
import { randomNumbers } from '../../support/sweep-points.js'

const at = (path: string) => ({ directory: '/d', path })
const below = (path: string, base: string) => path === base || path.startsWith(`${base}/`)

/** The same without a tree. */
class Plain {
  written = new Set<string>()
  moved = new Set<string>()

  remove(path: string): void {
    for (const set of [this.written, this.moved]) {
      for (const one of set) if (below(one, path)) set.delete(one)
    }
  }

  move(from: string, to: string): void {
    const follow = (set: ReadonlySet<string>) =>
      [...set].filter((one) => below(one, from)).map((one) => to + one.slice(from.length))
    const [written, moved] = [follow(this.written), follow(this.moved)]
    this.remove(from)
    this.remove(to)
    this.written = new Set([...this.written, ...written])
    this.moved = new Set([...this.moved, ...moved, to])
  }
}

suite('NameMarks', (test) => {
  test('are those that names without a tree have', () => {
    const random = randomNumbers(1)
    const any = (count: number) => Math.floor(random() * count)
    const name = () => Array.from({ length: 1 + any(3) }, () => 'abc'[any(3)] ?? '').join('/')
    for (let round = 0; round < 50; round++) {
      const marks = new NameMarks()
      const plain = new Plain()
      for (let step = 0; step < 60; step++) {
        const [one, other] = [name(), name()]
        const what = any(3)
        if (what === 0) {
          marks.touch(at(one), false)
          plain.written.add(one)
        } else if (what === 1) {
          marks.remove(at(one))
          plain.remove(one)
        } else if (!below(one, other) && !below(other, one)) {
          marks.move(at(one), at(other))
          plain.move(one, other)
        }
        const { written, moved } = marks.list()
        assert.equal(
          [written.map(({ path }) => path), moved.map(({ path }) => path)],
          [[...plain.written].sort(), [...plain.moved].sort()],
        )
        const isChanged =
          plain.written.has(one) || [...plain.moved].some((base) => below(one, base))
        assert.is(marks.isChanged(at(one)), isChanged)
      }
    }
  })

  test('take no longer to move or remove when much is known of what is below', () => {
    const marks = new NameMarks()
    for (let i = 0; i < 200_000; i++) marks.touch(at(`d/${i}`), false)
    // With a look at each of them these are 4,000,000,000 steps.
    for (let i = 0; i < 10_000; i++) {
      marks.move(at('d'), at('e'))
      marks.move(at('e'), at('d'))
      marks.touch(at('x'), false)
      marks.remove(at('x'))
    }
    assert.is(marks.list().written.length, 200_000)
    assert.is(marks.remove(at('d')), true)
    assert.equal(marks.list(), { written: [], moved: [] })
  })
})
