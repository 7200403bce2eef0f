import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type ConfigMap, type Secret, secretData, secretText } from '#operator/kube/secret.ts'
import { type Plan, plan } from '#operator/strongrooms/plan.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { year2026 } from '#test/support/certificates.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import { knownKeys, strongroomWorld, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

describe('plan() for a Strongroom: certificates', () => {
  const without = (...gone: string[]): ReadonlyMap<string, Secret> =>
    new Map([...world.secrets].filter(([name]) => !gone.includes(name)))
  const issued = (planned: Plan): string[] =>
    planned.steps.flatMap((step) => (step.kind === 'issue' ? [`${step.purpose} ${step.why}`] : []))

  test('makes the authorities first and nothing that depends on them', () => {
    const planned = plan(world.seen({ secrets: new Map() }))
    assert.deepEqual(issued(planned), ['client-authority Missing', 'server-authority Missing'])
    assert.equal(planned.halt?.kind, 'working')
    assert.equal(planned.steps.length, 2)
  })

  test('does not overwrite an authority that was damaged', () => {
    const secrets = new Map([
      ...world.secrets,
      ['vault-client-ca', secret('vault-client-ca', { 'tls.crt': 'x', 'tls.key': 'y' })],
    ])
    const planned = plan(world.seen({ secrets }))
    assert.deepEqual([planned.halt?.reason, planned.steps.length], ['AuthorityDamaged', 0])
  })

  for (const [name, field] of [
    ['vault-client-ca', 'client'],
    ['vault-server-ca', 'server'],
  ] as const) {
    test(`does not replace ${name} that was deleted, until the lost one is named`, () => {
      const recorded = plan(world.seen()).status.authorities
      const lost = recorded?.[field] ?? ''
      assert.match(lost, /^[0-9a-f]{64}$/)
      const status = { masterKeys: knownKeys, ...(recorded && { authorities: recorded }) }
      const accepting = (value?: string) => {
        const annotations =
          value === undefined ? {} : { 'strongroom.dev/accept-new-authority': value }
        const cluster = strongroom({ status, metadata: { annotations } })
        return plan(world.seen({ secrets: without(name), cluster }))
      }
      for (const value of [undefined, 'f'.repeat(64)]) {
        const { halt, steps } = accepting(value)
        assert.deepEqual([halt?.kind, halt?.reason, steps], ['stalled', 'AuthorityMissing', []])
        assert.ok(halt?.message.includes(`accept-new-authority=${lost}`))
      }
      assert.deepEqual(issued(accepting(lost)), [`${field}-authority Missing`])
    })
  }

  test('issues what is missing and renews at two thirds', () => {
    assert.deepEqual(issued(plan(world.seen({ secrets: without('vault-internal-tls') }))), [
      'internal Missing',
    ])
    const day = 24 * 60 * 60 * 1000
    assert.deepEqual(issued(plan(world.seen({ nowMs: year2026 + 59 * day }))), [])
    assert.deepEqual(issued(plan(world.seen({ nowMs: year2026 + 61 * day }))), [
      'operator Renewing',
      'internal Renewing',
      'public Renewing',
    ])
  })

  test('says when to look again: at the next renewal', () => {
    const planned = plan(world.seen())
    const day = 24 * 60 * 60 * 1000
    assert.equal(planned.againAtMs, year2026 - day + Math.floor((91 * day * 2) / 3))
  })

  test('reads nothing again of what it found good, until it is to be renewed or another version comes', () => {
    const secrets = new Map([...world.secrets].map(([name, one]) => [name, { ...one }]))
    const verdicts = new Verdicts()
    const first = plan(world.seen({ secrets, verdicts }))
    // Whoever read them now would find no key.
    for (const one of secrets.values()) Object.assign(one, { data: { ...one.data, 'tls.key': '' } })
    const again = plan(world.seen({ secrets, verdicts }))
    assert.deepEqual([issued(again), again.againAtMs], [[], first.againAtMs])
    const due = world.seen({ secrets, verdicts, nowMs: first.againAtMs ?? 0 })
    assert.ok(issued(plan(due)).includes('operator Missing'))
    const later = new Map([...secrets].map(([name, one]) => [name, { ...one }]))
    assert.equal(plan(world.seen({ secrets: later, verdicts })).halt?.reason, 'AuthorityDamaged')
  })

  test('issues the public certificate anew when the host changes', () => {
    const cluster = strongroom({
      spec: { exposure: { host: 'vault.example.com' } },
      status: { masterKeys: knownKeys },
    })
    assert.deepEqual(issued(plan(world.seen({ cluster }))), ['public NamesMissing'])
  })

  test('keeps the old authority in the bundle beside a new one', () => {
    const steps = written({ 'vault-trust': { 'ca-bundle.crt': 'OLD\n' } })
    assert.deepEqual(steps, [
      ['keep vault-trust', `${world.trust}OLD\n`],
      ['publish vault-trust', `${world.trust}OLD\n`],
    ])
  })

  /** What is written of trust, where Secrets hold that and the ConfigMap that. */
  const written = (
    kept: Readonly<Record<string, Record<string, string>>>,
    map?: Partial<ConfigMap>,
  ): (readonly [string, string])[] => {
    const secrets = new Map(world.secrets)
    for (const [name, data] of Object.entries(kept)) {
      const before = world.secrets.get(name) ?? assert.fail()
      secrets.set(name, { ...before, data: secretData(data) })
    }
    const shown = world.seen().configMaps.get('vault-trust') ?? assert.fail()
    const configMaps = new Map([['vault-trust', { ...shown, ...map }]])
    return plan(world.seen({ secrets, configMaps })).steps.flatMap((step) =>
      step.kind === 'keep' || step.kind === 'publish'
        ? [[`${step.kind} ${step.name}`, Object.values(step.data).join()] as const]
        : [],
    )
  }

  test('never takes an authority from the ConfigMap that programs read, and puts it right whatever was done to it', () => {
    const { trust } = world
    assert.deepEqual(written({}), [], 'all is well')
    const attacks: readonly Partial<ConfigMap & { immutable: boolean; binaryData: object }>[] = [
      { data: { 'ca-bundle.crt': `${trust}THEIRS\n` } },
      { data: { 'ca-bundle.crt': trust, 'more.crt': 'THEIRS' } },
      { data: { 'ca-bundle.crt': trust }, binaryData: { x: 'eA==' } },
      { immutable: true },
      { data: {} },
    ]
    for (const attack of attacks)
      assert.deepEqual(
        written({}, attack),
        [['publish vault-trust', trust]],
        JSON.stringify(attack),
      )
  })

  test('puts the administrators of every start right, which pods mount from a Secret', () => {
    const operator = secretText(world.secrets.get('vault-operator'), 'tls.crt')
    for (const data of [
      { 'operator.crt': 'THEIRS' },
      { 'operator.crt': operator, 'more.crt': 'x' },
    ])
      assert.deepEqual(written({ 'vault-admins': data }), [['keep vault-admins', operator]])
  })
})
