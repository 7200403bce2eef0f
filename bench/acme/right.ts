/** Is what lies in a Secret the certificate that was asked for? Whoever is fast must be right, too. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Cluster } from '#test/cluster/cluster.ts'

/** Base64, as Secrets hold it. */
export type SecretData = Readonly<Record<string, string>>

export interface Wanted {
  readonly name: string
  /** PEM of the CA's roots. */
  readonly roots: readonly string[]
}

/** What is wrong with it; nothing where name, key and chain fit. */
export function wrongWith(data: SecretData | undefined, wanted: Wanted): string | undefined {
  const part = (key: string): Buffer => Buffer.from(data?.[key] ?? '', 'base64')
  const chain = part('tls.crt')
    .toString()
    .match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)
  const [leaf, ...above] = (chain ?? []).map((pem) => new X509Certificate(pem))
  if (leaf === undefined) return 'no certificate'
  if (leaf.checkHost(wanted.name) === undefined) return `it is for ${leaf.subjectAltName}`
  if (!leaf.checkPrivateKey(createPrivateKey(part('tls.key')))) return 'its key is another one'
  const roots = wanted.roots.map((pem) => new X509Certificate(pem))
  const signers = [...above, ...roots]
  const path = [leaf, ...above]
  const broken = path.find(
    (each) => !signers.some((signer) => each.checkIssued(signer) && each.verify(signer.publicKey)),
  )
  const isRooted = path.some((each) => roots.some((root) => each.verify(root.publicKey)))
  return broken !== undefined || !isRooted ? 'no chain leads to the CA' : undefined
}

interface SecretList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly data?: SecretData
  }[]
}

/** Throws where any of the Secrets (name of the Secret → name in its certificate) is not right. */
export async function demandRight(
  cluster: Cluster,
  {
    namespace,
    roots,
    secrets,
  }: Pick<Wanted, 'roots'> & {
    readonly namespace: string
    readonly secrets: ReadonlyMap<string, string>
  },
): Promise<void> {
  const list = ['get', 'secrets', '--field-selector=type=kubernetes.io/tls', '-o', 'json']
  const { items }: SecretList = JSON.parse(await cluster.kubectl('-n', namespace, ...list))
  const found = new Map(items.map(({ metadata, data }) => [metadata.name, data]))
  for (const [secret, name] of secrets) {
    const wrong = wrongWith(found.get(secret), { name, roots })
    if (wrong !== undefined) throw new Error(`Secret ${namespace}/${secret} is wrong: ${wrong}`)
  }
}
