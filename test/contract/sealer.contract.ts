/** What every sealer promises; run over both implementations. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainPageBytes, sealedPageBytes } from '#server/limits.ts'
import { PageKind, Purpose, type Sealer } from '#server/seal/sealer.ts'

const place = { tree: 3, page: 2 ** 40 + 77, kind: PageKind.Leaf }
const isDamaged = { code: 'DatabaseDamaged', message: /"test".*page 1099511627853 of tree 3/ }

/** `make`: a sealer of this database id; two of the same id have the same key. */
export function sealerContract(name: string, make: (databaseId: Buffer) => Sealer): void {
  const sealed = () => {
    const sealer = make(Buffer.alloc(16, 1))
    const plain = Buffer.alloc(plainPageBytes, 'content ')
    const slot = Buffer.alloc(sealedPageBytes)
    const tag = sealer.sealPage(place, plain, slot)
    const { epoch } = sealer
    const open = (
      bytes: Buffer,
      at: Partial<typeof place & { tag: string; epoch: number }> = {},
    ) => {
      const opened = Buffer.alloc(plainPageBytes)
      sealer.openPage({ ...place, tag, epoch, ...at }, bytes, opened)
      return opened
    }
    return { sealer, plain, slot, tag, open }
  }

  test(`${name} opens a page where it was sealed, also after a restart`, () => {
    const { plain, slot, tag, open } = sealed()
    assert.deepEqual(open(slot), plain)
    const later = make(Buffer.alloc(16, 1))
    const opened = Buffer.alloc(plainPageBytes)
    later.openPage({ ...place, tag, epoch: later.epoch }, slot, opened)
    assert.deepEqual(opened, plain)
  })

  test(`${name} does not open a page in another tree, under another number, as another kind, of an unknown epoch`, () => {
    const { slot, open } = sealed()
    assert.throws(() => open(slot, { tree: 4 }), { code: 'DatabaseDamaged' })
    assert.throws(() => open(slot, { page: place.page + 1 }), { code: 'DatabaseDamaged' })
    assert.throws(() => open(slot, { page: place.page - 2 ** 32 }), { code: 'DatabaseDamaged' })
    assert.throws(() => open(slot, { kind: PageKind.Inner as never }), isDamaged)
    assert.throws(() => open(slot, { epoch: 9 }), isDamaged)
  })

  test(`${name} does not open a page of another database`, () => {
    const { slot, tag } = sealed()
    const other = make(Buffer.alloc(16, 2))
    const at = { ...place, tag, epoch: other.epoch }
    assert.throws(() => other.openPage(at, slot, Buffer.alloc(plainPageBytes)), isDamaged)
  })

  test(`${name} does not open an older page that is authentic itself`, () => {
    const { sealer, slot, open } = sealed()
    const tag = sealer.sealPage(place, Buffer.alloc(plainPageBytes, 'newer'), Buffer.from(slot))
    assert.throws(() => open(slot, { tag }), isDamaged)
  })

  test(`${name} does not open a page with any bit flipped, nor one cut short`, () => {
    const { slot, open } = sealed()
    for (let byte = 0; byte < slot.length; byte += byte < 64 || byte > 8_100 ? 1 : 61) {
      const flipped = Buffer.from(slot)
      flipped[byte] = (flipped[byte] as number) ^ (1 << (byte % 8))
      assert.throws(() => open(flipped), isDamaged, `byte ${byte}`)
    }
    assert.throws(() => open(slot.subarray(1)), isDamaged)
  })

  test(`${name} takes a missing tag for a mistake of ours, never for a page to trust`, () => {
    const { slot, open } = sealed()
    for (const tag of [undefined, null, ''])
      assert.throws(() => open(slot, { tag: tag as never }), { code: 'ERR_ASSERTION' })
  })

  test(`${name} opens a record only for its purpose and database, and unchanged`, () => {
    const { sealer } = sealed()
    const plain = Buffer.from('record')
    const record = sealer.sealRecord(Purpose.Root, plain)
    assert.deepEqual(sealer.openRecord(Purpose.Root, record), plain)
    assert.equal(sealer.openRecord(Purpose.Secret, record), undefined)
    assert.equal(make(Buffer.alloc(16, 2)).openRecord(Purpose.Root, record), undefined)
    for (let bit = 0; bit < record.length * 8; bit += 1) {
      const flipped = Buffer.from(record)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      assert.equal(sealer.openRecord(Purpose.Root, flipped), undefined)
    }
    assert.equal(sealer.openRecord(Purpose.Root, record.subarray(0, 20)), undefined)
  })
}
