/** Cleaning up the certificates that a scenario registered. */
import { dig } from '#test/peer/answers.ts'
import type { Chore } from '#test/peer/scenario.types.ts'

type Ask = Parameters<Chore['run']>[0]

const route = '/admin/certificates'

/** Deletes every certificate whose name matches. */
export async function removeRegistered(ask: Ask, names: RegExp): Promise<void> {
  const { body } = await ask({ as: 'server', path: `${route}?start=0&pageSize=1000` })
  const records = dig(body, 'Results')
  for (const record of Array.isArray(records) ? records : []) {
    if (!names.test(String(dig(record, 'Name') ?? ''))) continue
    const path = `${route}?thumbprint=${dig(record, 'Thumbprint')}`
    await ask({ as: 'server', method: 'DELETE', path })
  }
}

/** The same as a step. */
export function tidy(names: RegExp): Chore {
  return { name: 'tidy', run: (ask) => removeRegistered(ask, names) }
}
