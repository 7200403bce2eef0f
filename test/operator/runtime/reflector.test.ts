import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import {
  Absent,
  Gone,
  keyOf,
  Reflector,
  type Source,
  type WatchEvent,
} from '#operator/runtime/reflector.ts'
import { fakeTime } from '#test/support/fake-timers.ts'

interface Item {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly resourceVersion: string
  }
}

const item = (name: string, version: number): Item => ({
  metadata: { name, namespace: 'n', resourceVersion: String(version) },
})
const event = (
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  name: string,
  version: number,
): WatchEvent<Item> => ({ type, object: item(name, version) })

/** A server whose lists and watches a test writes down beforehand; a watch that has no more to say stays open. */
function scripted(script: {
  readonly lists: (readonly Item[] | Error)[]
  readonly watches: (readonly (WatchEvent<Item> | Error | 'end')[])[]
}) {
  const time = fakeTime()
  const asked: string[] = []
  const source: Source<Item> = {
    list: async () => {
      asked.push('list')
      const list = script.lists.shift()
      if (list instanceof Error || list === undefined) throw list ?? new Error('no more lists')
      return { items: list, resourceVersion: String(100 + asked.length) }
    },
    async *watch(resourceVersion, signal) {
      asked.push(`watch ${resourceVersion}`)
      for (const next of script.watches.shift() ?? []) {
        if (next === 'end') return
        if (next instanceof Error) throw next
        yield next
      }
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    },
  }
  const failures: unknown[] = []
  const means = {
    timers: time,
    random: () => 0.5,
    backoff: { firstMs: 1_000, mostMs: 4_000 },
    idleMs: 60_000,
    resyncMs: 1_000_000,
    failed: (error: unknown) => failures.push(error),
  }
  const groupOf = ({ metadata: { name } }: ReturnType<typeof item>) => name.split('-')[1]
  const reflector = new Reflector(source, means, groupOf)
  const seen: string[] = []
  const presence: boolean[] = []
  reflector.onPresence((isPresent) => presence.push(isPresent))
  reflector.onObject(({ metadata }) => seen.push(`${metadata.name}@${metadata.resourceVersion}`))
  const stop = new AbortController()
  const ended = reflector.run(stop.signal)
  return {
    time,
    asked,
    failures,
    reflector,
    seen,
    presence,
    signal: stop.signal,
    end: () => {
      stop.abort()
      return ended
    },
  }
}

test('Reflector lists, then follows the watch from where the list ended', async () => {
  const { time, asked, reflector, seen, end } = scripted({
    lists: [[item('a', 1), item('b', 2)]],
    watches: [[event('MODIFIED', 'a', 102), event('ADDED', 'c', 103), event('DELETED', 'b', 104)]],
  })
  await reflector.synced
  await time.pass(1)
  assert.deepEqual(asked, ['list', 'watch 101'])
  assert.deepEqual(seen, ['a@1', 'b@2', 'a@102', 'c@103', 'b@104'])
  assert.deepEqual(reflector.all().map(keyOf), ['n/a', 'n/c'])
  assert.equal(reflector.get('n/a')?.metadata.resourceVersion, '102')
  await end()
})

test('Reflector finds objects of a group, after a new list too', async () => {
  const { time, reflector, end } = scripted({
    lists: [
      [item('a-x', 1), item('b-x', 2), item('c-y', 3), item('d', 4)],
      [item('b-x', 2), item('c-x', 5)],
    ],
    watches: [[event('DELETED', 'a-x', 102), event('ADDED', 'e-y', 103), new Gone()], []],
  })
  await reflector.synced
  assert.deepEqual(reflector.ofGroup('x').map(keyOf), ['n/a-x', 'n/b-x'])
  assert.deepEqual(reflector.ofGroup('none'), [])
  await time.pass(1)
  assert.deepEqual(reflector.ofGroup('x').map(keyOf), ['n/b-x', 'n/c-x'])
  assert.deepEqual(reflector.ofGroup('y'), [])
  await end()
})

test('Reflector resumes a watch that ended at the last version, bookmarks included', async () => {
  const { time, asked, end } = scripted({
    lists: [[]],
    watches: [[event('ADDED', 'a', 102), { type: 'BOOKMARK', resourceVersion: '150' }, 'end'], []],
  })
  await time.pass(10)
  assert.deepEqual(asked, ['list', 'watch 101', 'watch 150'])
  await end()
})

test('Reflector does not ask in a tight loop a server that ends every watch at once', async () => {
  const { time, asked, end } = scripted({
    lists: [[]],
    watches: Array.from({ length: 50 }, () => ['end' as const]),
  })
  await time.pass(10_000)
  assert.ok(asked.length <= 6, `it asked ${asked.length} times in ten seconds`)
  await end()
})

test('Reflector lists anew when the version is gone, and reports what vanished meanwhile', async () => {
  const { time, asked, reflector, seen, end } = scripted({
    lists: [
      [item('a', 1), item('b', 2)],
      [item('a', 1), item('c', 3)],
    ],
    watches: [[new Gone()], []],
  })
  await time.pass(10)
  assert.deepEqual(asked, ['list', 'watch 101', 'list', 'watch 103'])
  assert.deepEqual(seen, ['a@1', 'b@2', 'b@2', 'c@3'])
  assert.deepEqual(reflector.all().map(keyOf), ['n/a', 'n/c'])
  await end()
})

test('Reflector does not list in a tight loop where every version is gone at once', async () => {
  const { time, asked, end } = scripted({
    lists: Array.from({ length: 50 }, () => []),
    watches: Array.from({ length: 50 }, () => [new Gone()]),
  })
  await time.pass(10_000)
  assert.ok(asked.length <= 12, `it asked ${asked.length} times in ten seconds`)
  await end()
})

test('Reflector waits out errors, longer each time, and says so', async () => {
  const { time, asked, failures, end } = scripted({
    lists: [new Error('1'), new Error('2'), new Error('3'), []],
    watches: [],
  })
  await time.pass(2_999)
  assert.equal(asked.length, 2)
  await time.pass(4_001)
  assert.deepEqual(asked, ['list', 'list', 'list', 'list', 'watch 104'])
  assert.equal(failures.length, 3)
  await end()
})

test('Reflector takes a kind that does not exist for an empty one, quietly, and looks for it at each resync', async () => {
  const { time, asked, failures, presence, reflector, seen, end } = scripted({
    lists: [new Absent(), new Absent(), [item('a', 1)]],
    watches: [[]],
  })
  assert.equal(reflector.isPresent, undefined)
  await time.pass(999_999)
  assert.deepEqual(asked, ['list'])
  assert.equal(reflector.isPresent, false)
  await time.pass(1_000_001)
  await reflector.synced
  assert.deepEqual(asked, ['list', 'list', 'list', 'watch 103'])
  assert.deepEqual(presence, [false, true])
  assert.deepEqual(seen, ['a@1'])
  assert.deepEqual(failures, [])
  await end()
})

test('Reflector reports everything of a kind that went as vanished, and finds it again later', async () => {
  const { time, failures, presence, reflector, seen, end } = scripted({
    lists: [[item('a', 1)], [item('b', 2)]],
    watches: [[event('ADDED', 'b', 102), 'end'], [new Absent()], []],
  })
  await time.pass(1_000)
  assert.deepEqual(seen, ['a@1', 'b@102', 'a@1', 'b@102'])
  assert.deepEqual([reflector.all(), reflector.isPresent], [[], false])
  await time.pass(1_000_000)
  assert.deepEqual(reflector.all().map(keyOf), ['n/b'])
  assert.deepEqual(presence, [true, false, true])
  assert.deepEqual(failures, [])
  await end()
})

test('Reflector takes a watch without any sign of life for dead and resumes it', async () => {
  const { time, asked, end } = scripted({ lists: [[]], watches: [[event('ADDED', 'a', 102)], []] })
  await time.pass(59_000)
  assert.deepEqual(asked, ['list', 'watch 101'])
  await time.pass(2_000)
  assert.deepEqual(asked, ['list', 'watch 101', 'watch 102'])
  await end()
})

test('Reflector reports everything once more after the resync time', async () => {
  const { time, seen, end } = scripted({ lists: [[item('a', 1)]], watches: [] })
  await time.pass(1_000_001)
  assert.deepEqual(seen, ['a@1', 'a@1'])
  await end()
})

test('Reflector leaves no listener behind at each resync', async () => {
  const { time, signal, end } = scripted({ lists: [[item('a', 1)]], watches: [] })
  await time.pass(10)
  const before = getEventListeners(signal, 'abort').length
  await time.pass(20_000_000)
  assert.equal(getEventListeners(signal, 'abort').length, before)
  await end()
  assert.equal(time.waiting, 0, 'no timer is left either')
})

test('keyOf() is the name alone where there is no namespace', () => {
  assert.equal(keyOf({ metadata: { name: 'a', resourceVersion: '1' } }), 'a')
})
