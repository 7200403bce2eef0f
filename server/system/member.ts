/** What this member remembers of itself between starts. */
import { Type } from 'typebox'
import type { SystemStore } from './system.types.ts'
import { defineSystemTable } from './table.ts'

const table = defineSystemTable(
  'member',
  Type.Object({
    /** The first start has made its administrator; he is never made again, even where he was deleted. */
    hasAdministrator: Type.Boolean(),
    /** URL that topologies answered last. */
    url: Type.String(),
    topologyEtag: Type.Integer(),
  }),
)
const key = 'self'
const unknown = { hasAdministrator: false, url: '', topologyEtag: 0 }

/** Whether a first start has got as far as its administrator. */
export function administratorWasMade(store: SystemStore): boolean {
  return store.get(table, key)?.record.hasAdministrator ?? false
}

export async function rememberAdministrator(store: SystemStore): Promise<void> {
  await store.update(table, key, (now = unknown) => ({ ...now, hasAdministrator: true }))
}

/** Etag of the topologies: grows when the server is reached under another URL than at its last start, so that clients ask again. */
export async function topologyEtag(store: SystemStore, url: string): Promise<number> {
  const known = store.get(table, key)?.record
  if (known?.url === url) return known.topologyEtag
  const next = (now = unknown) => ({ ...now, url, topologyEtag: now.topologyEtag + 1 })
  const written = await store.update(table, key, next)
  return written?.topologyEtag ?? 1
}
