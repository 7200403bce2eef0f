/**
 * A program in a pod that uses a database as any application would: through the Service, with the issued Secret, the server
 * verified against `ca.crt`. It is the image's own Node with a script from a ConfigMap.
 */
import { randomUUID } from 'node:crypto'
import { until } from './run.ts'
import type { Tenant } from './suite.ts'

export interface PodRequest {
  /** Name of the Secret of a StrongroomCertificate. */
  readonly secretName: string
  /** Requests in their order: `[method, path, body?]`. */
  readonly requests: readonly (readonly [method: string, path: string, body?: unknown])[]
  /** Host of the server; left out: the Service of `vault`. */
  readonly host?: string
}

export interface PodAnswer {
  readonly status: number
  readonly body: unknown
}

/** What came back, in order. */
export async function requestsFromPod(
  tenant: Tenant,
  { secretName, requests, host = `vault.${tenant.namespace}.svc` }: PodRequest,
): Promise<readonly PodAnswer[]> {
  const name = `program-${randomUUID().slice(0, 8)}`
  const { namespace } = tenant
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'program',
          image: tenant.place.image.reference,
          imagePullPolicy: 'Never',
          command: ['node', '-e', script],
          env: [
            { name: 'HOST', value: host },
            { name: 'REQUESTS', value: JSON.stringify(requests) },
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [{ name: 'certificate', mountPath: '/certificate', readOnly: true }],
        },
      ],
      volumes: [{ name: 'certificate', secret: { secretName } }],
    },
  }
  await tenant.apply(JSON.stringify(pod))
  const phase = await until(`pod ${name} to end`, () => endOf(tenant, name), {
    withinMs: 90_000,
    everyMs: 200,
  })
  const text = await tenant.kubectl('logs', name)
  await tenant.kubectl('delete', 'pod', name, '--wait=false')
  if (phase === 'Failed') throw new Error(text)
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The phase in which a pod ended; nothing while it runs. */
async function endOf(tenant: Tenant, name: string): Promise<string | undefined> {
  const pod = await tenant.get<{ readonly status: { readonly phase: string } }>('pod', name)
  const phase = pod?.status.phase
  return phase === 'Succeeded' || phase === 'Failed' ? phase : undefined
}

const script = `
const https = require('node:https')
const fs = require('node:fs')
const read = (name) => fs.readFileSync('/certificate/' + name)
const agent = new https.Agent({ keepAlive: true, ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') })
const send = (method, path, body) => new Promise((resolve, reject) => {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const request = https.request({ host: process.env.HOST, port: 8443, method, path, agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text ?? '') } }, (answer) => {
    let all = ''
    answer.on('data', (part) => { all += part })
    answer.on('end', () => resolve({ status: answer.statusCode, body: all === '' ? null : JSON.parse(all) }))
  })
  request.on('error', reject)
  request.end(text)
})
;(async () => {
  for (const [method, path, body] of JSON.parse(process.env.REQUESTS)) console.log(JSON.stringify(await send(method, path, body)))
  agent.destroy()
})()
`
