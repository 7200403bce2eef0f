/**
 * Writes in one namespace, as the API server asks about them before it makes them (a validating webhook): all are seen, and one can be held. A
 * held one is not made until it is let pass; when its sender is gone, the API server gives it up.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { KubeObject } from '#operator/kube/kube.ts'
import { addressTls } from '#test/support/address-tls.ts'
import { until } from './run.ts'
import type { Tenant } from './suite.ts'

export interface Write {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  /** Such as `secrets`, or `strongrooms/status`. */
  readonly resource: string
  readonly name: string
  /** As it is to be; of one that is to be deleted, as it is. */
  readonly object: KubeObject
}

export interface HeldWrite {
  /** Resolves when the write waits; fails where none comes. */
  waiting(): Promise<Write>
  /** Resolves when the API server gave it up, since its sender is gone. */
  givenUp(): Promise<void>
  /** It is made after all. */
  letPass(): void
}

export interface WriteGate extends AsyncDisposable {
  /** Holds the first write from now on that fits. */
  hold(fits: (write: Write) => boolean): HeldWrite
  /** What was let through so far, in order. */
  readonly passed: readonly Write[]
}

interface Rule {
  readonly fits: (write: Write) => boolean
  held?: Write
  isGivenUp: boolean
  letPass?: () => void
}

/** Longest time that the API server waits for an answer: a test is long through with a held write by then. */
const heldSeconds = 30
const heldMs = heldSeconds * 1000

export async function writeGate(tenant: Tenant): Promise<WriteGate> {
  const address = tenant.place.cluster.hostAddress ?? ''
  const { trust, tls } = await addressTls(address, 'write gate')
  const passed: Write[] = []
  const rules: Rule[] = []
  const handle = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const { request } = (await json(asked)) as Review
    const write = writeOf(request)
    const letPass = (): void => {
      passed.push(write)
      allow(answer, request.uid)
    }
    const rule = rules.find(({ held, fits }) => held === undefined && fits(write))
    if (rule === undefined) return letPass()
    Object.assign(rule, { held: write, letPass })
    answer.once('close', () => {
      rule.isGivenUp = true
    })
  }
  const server = createServer(tls, (asked, answer) => {
    handle(asked, answer).catch(() => answer.destroy())
  })
  server.listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const name = `gate-${tenant.namespace}`
  await tenant.apply(webhook(tenant, { name, url: `https://${address}:${port}/`, trust }))
  await untilAsked(tenant, passed)
  return {
    passed,
    hold: (fits) => held(rules, fits),
    [Symbol.asyncDispose]: async () => {
      // First of all: without it, nobody could write here any more.
      await tenant.kubectl('delete', 'validatingwebhookconfiguration', name)
      const closed = once(server, 'close')
      server.close().closeAllConnections()
      await closed
    },
  }
}

function held(rules: Rule[], fits: Rule['fits']): HeldWrite {
  const rule: Rule = { fits, isGivenUp: false }
  rules.push(rule)
  return {
    waiting: () => until('a write to be held', () => rule.held, { withinMs: 60_000, everyMs: 20 }),
    givenUp: async () => {
      const look = () => rule.isGivenUp || undefined
      await until('a held write to be given up', look, { withinMs: heldMs / 2, everyMs: 20 })
    },
    letPass: () => rule.letPass?.(),
  }
}

/** A new configuration takes effect a moment after it was made. */
async function untilAsked(tenant: Tenant, passed: readonly Write[]): Promise<void> {
  const name = 'write-gate'
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name } }
  const ask = async (): Promise<true | undefined> => {
    await tenant.apply(JSON.stringify(object))
    const isAsked = passed.some((write) => write.name === name)
    await tenant.kubectl('delete', 'secret', name)
    return isAsked || undefined
  }
  await until('the API server to ask about writes', ask)
}

interface Review {
  readonly request: {
    readonly uid: string
    readonly operation: Write['operation']
    readonly resource: { readonly resource: string }
    readonly subResource?: string
    readonly name: string
    readonly object: KubeObject | null
    readonly oldObject: KubeObject | null
  }
}

function writeOf(request: Review['request']): Write {
  const { operation, resource, subResource, object, oldObject } = request
  const found = object ?? oldObject
  if (found === null) throw new TypeError('a write is about an object')
  return {
    operation,
    resource: [resource.resource, ...(subResource === undefined ? [] : [subResource])].join('/'),
    name: request.name === '' ? found.metadata.name : request.name,
    object: found,
  }
}

const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }

function allow(answer: ServerResponse, uid: string): void {
  answer
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ ...review, response: { uid, allowed: true } }))
}

function webhook(
  { namespace }: Tenant,
  { name, url, trust }: { readonly name: string; readonly url: string; readonly trust: string },
): string {
  const all = { apiVersions: ['*'], scope: 'Namespaced' }
  const rules = [
    { ...all, apiGroups: [''], resources: ['secrets'], operations: ['CREATE', 'UPDATE', 'DELETE'] },
    { ...all, apiGroups: ['strongroom.dev'], resources: ['*/status'], operations: ['UPDATE'] },
  ]
  return JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        ...{ name: 'writes.gate.test', rules, timeoutSeconds: heldSeconds },
        ...{ sideEffects: 'None', failurePolicy: 'Fail', admissionReviewVersions: ['v1'] },
        clientConfig: { url, caBundle: Buffer.from(trust).toString('base64') },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
    ],
  })
}
