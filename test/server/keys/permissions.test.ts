import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ourselves, tooWide } from '#server/keys/permissions.ts'

const us = { uid: 1000, groups: [1000, 2000] }
const ours = { uid: 1000, gid: 1000 }
const kubelets = { uid: 0, gid: 2000 }

const cases: readonly [string, Parameters<typeof tooWide>[0], RegExp | undefined][] = [
  ['ours, for us only', { ...ours, mode: 0o100600 }, undefined],
  ['ours, read-only', { ...ours, mode: 0o100400 }, undefined],
  ['ours with a sticky bit, as RavenDB makes it', { ...ours, mode: 0o101600 }, undefined],
  ['ours, readable by our group', { ...ours, mode: 0o100640 }, /group/],
  ['ours, executable by our group', { ...ours, mode: 0o100610 }, /group/],
  ['ours, readable by others', { ...ours, mode: 0o100604 }, /others/],
  ['ours, writable by others', { ...ours, mode: 0o100602 }, /others/],
  ['of another, for that one only', { uid: 0, gid: 0, mode: 0o100600 }, undefined],
  ['a Secret with fsGroup', { ...kubelets, mode: 0o100440 }, undefined],
  ['a Secret that its group can write', { ...kubelets, mode: 0o100460 }, /write/],
  ['a Secret that others can read', { ...kubelets, mode: 0o100444 }, /others/],
  ['of another, readable by a foreign group', { uid: 0, gid: 3000, mode: 0o100440 }, /not ours/],
]
for (const [what, file, reason] of cases) {
  test(`tooWide() ${reason === undefined ? 'accepts' : 'refuses'} a file ${what}`, () => {
    const why = tooWide(file, us)
    if (reason === undefined) assert.equal(why, undefined)
    else assert.match(why ?? '', reason)
  })
}

test('tooWide() refuses every mode with a bit for others', () => {
  for (let mode = 0; mode <= 0o777; mode += 1) {
    if ((mode & 0o007) !== 0) assert.notEqual(tooWide({ ...kubelets, mode }, us), undefined)
  }
})

test('ourselves() names the user and the groups of this process', () => {
  assert.equal(ourselves().uid, process.geteuid?.())
  assert.ok(ourselves().groups.includes(process.getegid?.() ?? -1))
})
