/** An issuer, a fake cluster that has it, a fake CA, and a controller that reconciles it by hand. */
import { Attempts } from '#operator/access/attempts.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { reconcileIssuer } from '#operator/issuers/controller.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { isConflict, type KubeObject } from '#operator/kube/kube.ts'
import type { Secret } from '#operator/kube/secret.ts'
import type { Outcome } from '#operator/runtime/outcome.ts'
import { FakeCa } from './fake-accounts.ts'
import { FakeKube } from './fake-kube.ts'
import { issuer } from './resources.ts'
import { syncedCache } from './synced-cache.ts'

const namespace = 'shop'

export async function issuerScene(
  resource: StrongroomIssuer = issuer(),
  { connectCa }: { readonly connectCa?: FakeCa['connect'] } = {},
) {
  const [kube, ca] = [new FakeKube(), new FakeCa()]
  await kube.create(strongroomIssuers, resource)
  const synced = await syncedCache(kube)
  const events: string[] = []
  const followed: (readonly (string | undefined)[])[] = []
  const means = {
    kube,
    cache: synced.cache,
    clock: synced.time,
    attempts: new Attempts({ clock: synced.time, random: () => 0.5 }),
    random: () => 0.5,
    connectCa: connectCa ?? ca.connect,
    follow: (_: string, names: readonly (string | undefined)[]) => void followed.push(names),
    report: async (_: KubeObject, { reason, note }: { reason: string; note: string }) =>
      void events.push(`${reason} ${note}`),
  }
  const ref = { name: resource.metadata.name, namespace }
  const key = `${namespace}/${ref.name}`
  const now = async () => {
    const found = await kube.get<StrongroomIssuer>(strongroomIssuers, ref)
    if (found === undefined) throw new Error('the issuer is gone')
    return found
  }
  const step = async (): Promise<Outcome> => {
    const outcome = await reconcileIssuer(key, means)
    await synced.time.pass(1)
    return outcome
  }
  return {
    kube,
    ca,
    means,
    events,
    followed,
    time: synced.time,
    now,
    /** One reconcile; then the cache has heard of it. */
    step,
    /** Reconciles so many times; where one fails or loses a race, the next goes on. */
    steps: async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 1)
        await step().catch((error: unknown) => {
          if (!(error instanceof Killed) && !isConflict(error)) throw error
        })
    },
    secret: (name: string) => kube.get<Secret>(secrets, { name, namespace }),
    put: ({ metadata: { uid: _, ...metadata }, ...secret }: Secret) =>
      kube.apply<Secret>(secrets, { ...secret, metadata }),
    change: async (patch: object): Promise<void> => {
      await kube.patch(strongroomIssuers, ref, patch)
      await synced.time.pass(1)
    },
    /** `Ready True AccountReady`. */
    ready: async (): Promise<string> => {
      const { conditions = [] } = (await now()).status ?? {}
      const ready = conditions.find(({ type }) => type === 'Ready')
      return `${ready?.status} ${ready?.reason}`
    },
    message: async (): Promise<string> => (await now()).status?.conditions?.[0]?.message ?? '',
    [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose](),
  }
}

/** Where a test ends the operator. */
export class Killed extends Error {}
