import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  certificateMembers,
  demandAsShown,
  demandKnownMembers,
  type MemberTable,
} from '#server/http/certificate-members.ts'
import { hasCode } from '#shared/errors.ts'

const tables: [string, MemberTable][] = Object.entries(certificateMembers)
/** What clients send for what nobody asked for. */
const nothing = [undefined, null, '', [], false]

for (const [kind, table] of tables) {
  test(`demandKnownMembers() of ${kind} refuses every member misspelt, and names the right one`, () => {
    for (const name of Object.keys(table)) {
      for (const misspelt of [name.toLowerCase(), `${name}s`, name.slice(1)]) {
        assert.throws(
          () => demandKnownMembers({ [misspelt]: 1 }, table),
          (error) =>
            hasCode(error, 'CertificateMemberUnknown') &&
            error.status === 400 &&
            error.message.includes(misspelt),
        )
      }
    }
    for (const name of ['constructor', 'toString', '__proto__'])
      assert.throws(
        () => demandKnownMembers(Object.fromEntries([[name, 1]]), table),
        (error) => hasCode(error, 'CertificateMemberUnknown'),
      )
  })

  test(`demandKnownMembers() of ${kind} refuses each member that is not built, and takes it empty`, () => {
    const unbuilt = Object.keys(table).filter((name) => table[name] === 'unbuilt')
    assert.ok(unbuilt.length > 0)
    for (const name of unbuilt) {
      for (const value of ['x', ['x'], true, 1, {}])
        assert.throws(
          () => demandKnownMembers({ [name]: value }, table),
          (error) => hasCode(error, 'CertificateFeatureMissing') && error.message.includes(name),
        )
      for (const value of nothing)
        assert.deepEqual(demandKnownMembers({ [name]: value }, table), {})
    }
  })
}

test('demandAsShown() takes what is so already, and refuses whatever differs', () => {
  const shown = { Thumbprint: 'AB', CollectionSecondaryKeys: ['C'] }
  demandAsShown({}, shown)
  demandAsShown({ Thumbprint: 'AB', CollectionSecondaryKeys: ['C'] }, shown)
  for (const claims of [{ Thumbprint: 'A' }, { CollectionSecondaryKeys: ['D'] }, { Other: 1 }])
    assert.throws(
      () => demandAsShown(claims, shown),
      (error) => hasCode(error, 'CertificateMemberFixed'),
    )
})
