/**
 * The port over HTTPS. Why not the common client library: docs/decisions, "the operator speaks to the API server itself".
 */

import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { listPageMax, objectBytesMax, requestTimeoutMs, watchSeconds } from '#operator/limits.ts'
import { Gone, type WatchEvent } from '#operator/runtime/reflector.ts'
import type { ClusterAccess } from './access.ts'
import {
  type Kind,
  type Kube,
  KubeError,
  type KubeObject,
  type List,
  type Ref,
  type Selection,
} from './kube.ts'
import { lines } from './lines.ts'
import { collectionPath, objectPath, selectionQuery } from './path.ts'

interface Call {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
}

export class HttpsKube implements Kube {
  readonly #access: ClusterAccess
  readonly #agent: https.Agent
  readonly #count: (method: string, status: number) => void
  readonly #timeoutMs: number

  /** `count` is told of every answered call, for metrics. */
  constructor(
    access: ClusterAccess,
    {
      count = () => undefined,
      timeoutMs = requestTimeoutMs,
    }: {
      readonly count?: (method: string, status: number) => void
      readonly timeoutMs?: number
    } = {},
  ) {
    this.#access = access
    this.#count = count
    this.#timeoutMs = timeoutMs
    this.#agent = new https.Agent({
      keepAlive: true,
      ca: access.ca,
      ...(access.certificate === undefined ? {} : { cert: access.certificate, key: access.key }),
    })
  }

  async get<T extends KubeObject>(kind: Kind, ref: Ref): Promise<T | undefined> {
    return orMissing(this.#json<T>({ method: 'GET', path: objectPath(kind, ref) }))
  }

  async list<T extends KubeObject>(
    kind: Kind,
    selection: Selection,
    signal?: AbortSignal,
  ): Promise<List<T>> {
    const items: T[] = []
    let more = ''
    for (;;) {
      const query = selectionQuery(selection, {
        limit: String(listPageMax),
        ...(more === '' ? {} : { continue: more }),
      })
      const page = await this.#json<ListAnswer<T>>({
        method: 'GET',
        path: collectionPath(kind, selection.namespace) + query,
        signal,
      })
      // Items of a list carry neither apiVersion nor kind.
      items.push(
        ...(page.items ?? []).map((item) => ({
          ...item,
          apiVersion: kind.apiVersion,
          kind: kind.kind,
        })),
      )
      more = page.metadata.continue ?? ''
      if (more === '') return { items, resourceVersion: page.metadata.resourceVersion }
    }
  }

  async *watch<T extends KubeObject>(
    kind: Kind,
    selection: Selection & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>> {
    const query = selectionQuery(selection, {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: selection.resourceVersion,
      timeoutSeconds: String(watchSeconds),
    })
    const answer = await this.#open({
      method: 'GET',
      path: collectionPath(kind, selection.namespace) + query,
      signal,
    })
    if (answer.statusCode !== 200) {
      const error = refused(answer.statusCode ?? 0, await textOf(answer))
      throw error.status === 410 ? new Gone() : error
    }
    for await (const line of lines(answer, objectBytesMax)) yield watchEvent<T>(JSON.parse(line))
  }

  create<T extends KubeObject>(kind: Kind, object: T): Promise<T> {
    return this.#json({
      method: 'POST',
      path: collectionPath(kind, object.metadata.namespace),
      body: object,
      contentType: 'application/json',
    })
  }

  apply<T extends KubeObject>(kind: Kind, object: T, fieldManager: string): Promise<T> {
    return this.#apply(objectPath(kind, object.metadata), object, fieldManager)
  }

  applyStatus<T extends KubeObject>(kind: Kind, object: T, fieldManager: string): Promise<T> {
    return this.#apply(`${objectPath(kind, object.metadata)}/status`, object, fieldManager)
  }

  async patch(kind: Kind, ref: Ref, patch: unknown): Promise<void> {
    await this.#json({
      method: 'PATCH',
      path: objectPath(kind, ref),
      body: patch,
      contentType: 'application/merge-patch+json',
    })
  }

  async delete(kind: Kind, ref: Ref & { readonly uid?: string }): Promise<void> {
    const preconditions = ref.uid === undefined ? {} : { preconditions: { uid: ref.uid } }
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...preconditions,
    }
    await orMissing(
      this.#json({
        method: 'DELETE',
        path: objectPath(kind, ref),
        body,
        contentType: 'application/json',
      }),
    )
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent.destroy()
  }

  #apply<T extends KubeObject>(path: string, object: T, fieldManager: string): Promise<T> {
    const query = new URLSearchParams({ fieldManager, force: 'true' })
    return this.#json({
      method: 'PATCH',
      path: `${path}?${query}`,
      body: object,
      contentType: 'application/apply-patch+yaml',
    })
  }

  async #json<T>(call: Call): Promise<T> {
    const late = AbortSignal.timeout(this.#timeoutMs)
    const signal = call.signal === undefined ? late : AbortSignal.any([call.signal, late])
    try {
      const answer = await this.#open({ ...call, signal })
      const text = await textOf(answer)
      const status = answer.statusCode ?? 0
      if (status >= 300) throw refused(status, text)
      return JSON.parse(text)
    } catch (error) {
      if (!late.aborted) throw error
      const what = `${call.method} ${call.path}`
      throw new Error(`${what}: no whole answer within ${this.#timeoutMs} ms`, { cause: error })
    }
  }

  #open(call: Call): Promise<IncomingMessage> {
    const payload = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
    return new Promise((resolve, reject) => {
      const request = https.request(
        urlOf(this.#access.server, call.path),
        {
          method: call.method,
          agent: this.#agent,
          headers: this.#headers(call, payload),
          ...(call.signal === undefined ? {} : { signal: call.signal }),
        },
        (answer) => {
          this.#count(call.method, answer.statusCode ?? 0)
          resolve(answer)
        },
      )
      request.on('error', reject)
      request.end(payload)
    })
  }

  #headers(call: Call, payload: Buffer | undefined): Record<string, string | number> {
    return {
      accept: 'application/json',
      'user-agent': 'strongroom-operator',
      ...(payload === undefined
        ? {}
        : {
            'content-length': payload.byteLength,
            'content-type': call.contentType ?? 'application/json',
          }),
      ...(this.#access.token === undefined
        ? {}
        : { authorization: `Bearer ${this.#access.token()}` }),
    }
  }
}

/** The server may lie below a path, as behind a proxy of many clusters. */
function urlOf(server: URL, path: string): URL {
  return new URL(server.href.replace(/\/$/, '') + path)
}

interface ListAnswer<T> {
  /** Go writes an empty list as null. */
  readonly items: readonly T[] | null
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
}

interface RawEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T & {
    readonly code?: number
    readonly message?: string
    readonly reason?: string
  }
}

function watchEvent<T extends KubeObject>({ type, object }: RawEvent<T>): WatchEvent<T> {
  if (type === 'ERROR') {
    if (object.code === 410) throw new Gone()
    throw new KubeError(
      object.code ?? 500,
      object.reason ?? 'Unknown',
      object.message ?? 'The watch was ended',
    )
  }
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion ?? '' }
  return { type, object }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function refused(status: number, text: string): KubeError {
  try {
    const { reason, message } = JSON.parse(text)
    return new KubeError(status, String(reason ?? 'Unknown'), String(message ?? text.slice(0, 500)))
  } catch {
    return new KubeError(status, 'Unknown', text.slice(0, 500))
  }
}

async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined
    throw error
  }
}
