/**
 * Families under any history: register (alone, as a further one of a file, again), renew, edit, disable, end, delete. The model knows
 * who belongs together and nothing of records: whatever is done to one of a family is done to all of it.
 */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { refusal } from '#server/access/policy.ts'
import type { Rights } from '#server/access/registration.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { admin, certificateStore } from '#test/support/certificate-store.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { presented } from '#test/support/registrations.ts'

const keyCount = 3
const certificatesPerKey = 3
let ca: Issued
/** Of each key several certificates, all of one issuer and valid as long: each is a renewal of the others. */
let certificates: Certificate[][]
before(async () => {
  ca = await authority()
  const ofKey = async () => {
    const keys = await makeKeyPair('p-256')
    const made = Array.from({ length: certificatesPerKey }, () =>
      client(ca, { keys, validity: days(100) }),
    )
    return (await Promise.all(made)).map(({ certificate }) => certificate)
  }
  certificates = await Promise.all(Array.from({ length: keyCount }, ofKey))
})

/** A certificate by its key and its number. */
type Name = readonly [key: number, number: number]

type Act =
  | { readonly kind: 'register'; readonly members: readonly Name[]; readonly mark: number }
  | { readonly kind: 'come' | 'delete'; readonly name: Name }
  | {
      readonly kind: 'edit'
      readonly name: Name
      readonly mark: number
      readonly disabled?: boolean
      readonly ended?: boolean
    }

const name: fc.Arbitrary<Name> = fc.tuple(fc.nat(keyCount - 1), fc.nat(certificatesPerKey - 1))
const mark = fc.nat(9)
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('register' as const),
    members: fc.uniqueArray(name, { minLength: 1, maxLength: 3, selector: String }),
    mark,
  }),
  fc.record({ kind: fc.constantFrom('come' as const, 'delete' as const), name }),
  fc.record(
    { kind: fc.constant('edit' as const), name, mark, disabled: fc.boolean(), ended: fc.boolean() },
    { requiredKeys: ['kind', 'name', 'mark'] },
  ),
)

/** What a family has; all of its certificates have the very same. */
interface Family {
  mark: number
  disabled: boolean
  ended: boolean
}

class Model {
  readonly families = new Map<string, Family>()
  /** Keys of which somebody took a certificate away. */
  readonly barred = new Set<number>()

  of(one: Name): Family | undefined {
    return this.families.get(String(one))
  }

  ofKey(key: number): Family[] {
    return [...this.families].filter(([one]) => one.startsWith(`${key},`)).map(([, it]) => it)
  }

  members(family: Family): string[] {
    return [...this.families].filter(([, it]) => it === family).map(([one]) => one)
  }

  take(done: Act): void {
    switch (done.kind) {
      case 'register': {
        const joined = done.members.flatMap((one) => this.of(one) ?? [])
        const family = {
          mark: done.mark,
          disabled: joined.some(({ disabled }) => disabled),
          ended: joined.some(({ ended }) => ended),
        }
        const followers = joined.flatMap((one) => this.members(one))
        for (const one of [...followers, ...done.members.map(String)])
          this.families.set(one, family)
        for (const [key] of done.members) this.barred.delete(key)
        return
      }
      case 'come': {
        const [key] = done.name
        const [one, ...others] = new Set(this.ofKey(key))
        const isRenewal = one !== undefined && others.length === 0 && !this.barred.has(key)
        if (this.of(done.name) === undefined && isRenewal && !one.disabled && !one.ended)
          this.families.set(String(done.name), one)
        return
      }
      case 'edit': {
        const family = this.of(done.name)
        if (family === undefined) return
        family.mark = done.mark
        family.disabled = done.disabled ?? family.disabled
        family.ended = done.ended ?? family.ended
        return
      }
      case 'delete': {
        const family = this.of(done.name)
        if (family === undefined) return
        for (const one of this.members(family)) {
          this.families.delete(one)
          this.barred.add(Number(one.split(',')[0]))
        }
        return
      }
      default:
        assert.fail(String(done satisfies never))
    }
  }
}

function rightsOf(number: number): Rights {
  return { clearance: 'ValidUser', permissions: { [`d${number}`]: 'Read' } }
}

function run(store: ReturnType<typeof certificateStore>) {
  const at = ([key, number]: Name) => certificates[key]?.[number] as Certificate
  /** As the hook does. */
  const come = async (certificate: Certificate): Promise<void> => {
    const found = store.registry.find(presented(certificate), year2026)
    if (found.kind === 'renewal')
      await store.certificates.renew(presented(certificate), found.renewal)
  }
  const take = (done: Act): Promise<unknown> => {
    switch (done.kind) {
      case 'register':
        return store.certificates.register(admin, {
          name: 'x',
          rights: rightsOf(done.mark),
          certificates: [...done.members.map(at), ca.certificate],
        })
      case 'come':
        return come(at(done.name))
      case 'edit': {
        const { notAfter, thumbprint } = at(done.name)
        const validUntil = done.ended === true ? year2026 - 1 : notAfter
        return store.certificates.edit(admin, {
          thumbprint,
          name: 'x',
          rights: rightsOf(done.mark),
          disabled: done.disabled,
          limits: done.ended === undefined ? {} : { validUntil },
        })
      }
      default:
        return store.certificates.remove(admin, at(done.name).thumbprint)
    }
  }
  /** The database that a certificate may read, if any. */
  const reads = (one: Name): string => {
    const certificate = at(one)
    const found = store.registry.recognize(certificate)
    if (found === undefined) return 'unknown'
    const action = { level: 'Read', database: 'path' } as const
    const may = Array.from({ length: 10 }, (_, number) => `d${number}`).filter(
      (database) => refusal({ identity: found, action, database, now: year2026 }) === undefined,
    )
    return may.join(' ') || 'nothing'
  }
  return { take, reads }
}

test('after any history, all of a family may do the same, and none of a deleted one comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (history) => {
      const model = new Model()
      const { take, reads } = run(certificateStore())
      for (const done of history) {
        const isUnknown = (done.kind === 'edit' || done.kind === 'delete') && !model.of(done.name)
        await take(done).catch((error: unknown) => {
          if (!isUnknown) throw error
        })
        model.take(done)
        for (let key = 0; key < keyCount; key += 1) {
          for (let number = 0; number < certificatesPerKey; number += 1) {
            const family = model.of([key, number])
            const isIn = family !== undefined && !family.disabled && !family.ended
            const out = family === undefined ? 'unknown' : 'nothing'
            assert.equal(reads([key, number]), isIn ? `d${family.mark}` : out, `${key},${number}`)
          }
        }
      }
    }),
    { numRuns: 60 },
  )
})
