/** Events that people see under `kubectl describe`: one for each transition, with a verb of its own, counted when it repeats. */
import { createHash } from 'node:crypto'
import { events } from './kinds.ts'
import { type Kube, KubeError, type KubeObject } from './kube.ts'

export interface Notice {
  readonly about: KubeObject
  readonly type: 'Normal' | 'Warning'
  /** What became of it, e.g. `CertificateIssued`. */
  readonly reason: string
  readonly action: string
  readonly note: string
}

export interface Reporter {
  readonly controller: string
  readonly instance: string
  readonly nowMs: number
}

interface CountedEvent extends KubeObject {
  readonly count?: number
}

/** Writes the event; the same notice again adds to its count. Notes hold no secret: they are read by many. */
export async function recordEvent(kube: Kube, notice: Notice, reporter: Reporter): Promise<void> {
  const { about, type, reason, action, note } = notice
  const namespace = about.metadata.namespace ?? 'default'
  const time = new Date(reporter.nowMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const component = `strongroom.dev/${reporter.controller}`
  const digest = createHash('sha256')
    .update([events.apiVersion, about.metadata.uid, type, reason, note].join('\n'))
    .digest('hex')
    .slice(0, 16)
  const object = {
    apiVersion: events.apiVersion,
    kind: events.kind,
    metadata: { name: `${beginning(about.metadata.name, 200)}.${digest}`, namespace },
    ...{ firstTimestamp: time, lastTimestamp: time, count: 1 },
    type,
    reason,
    action,
    message: withinBytes(note, 1024),
    source: { component },
    reportingComponent: component,
    reportingInstance: reporter.instance.slice(0, 128),
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name: about.metadata.name,
      namespace,
      ...(about.metadata.uid === undefined ? {} : { uid: about.metadata.uid }),
    },
  }
  try {
    await kube.create(events, object)
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 409)) throw error
    await repeat(kube, object.metadata, time)
  }
}

/** So many characters of a name, ended where a name may end. */
function beginning(name: string, charactersMax: number): string {
  return name.slice(0, charactersMax).replace(/[^a-z0-9]+$/, '')
}

/** The API server counts bytes. No character is cut in two. */
function withinBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= bytesMax) return text
  return new TextDecoder().decode(bytes.subarray(0, bytesMax)).replace(/\uFFFD$/, '')
}

async function repeat(
  kube: Kube,
  ref: { readonly name: string; readonly namespace: string },
  time: string,
): Promise<void> {
  const before = await kube.get<CountedEvent>(events, ref)
  await kube.patch(events, ref, { count: (before?.count ?? 1) + 1, lastTimestamp: time })
}
