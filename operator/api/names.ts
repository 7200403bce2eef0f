/**
 * Names of everything that the operator makes for a Strongroom. Short names stay readable; long ones are cut and get a hash,
 * so that no two of them meet and none is longer than Kubernetes allows.
 */
import { createHash } from 'node:crypto'

/** Labels and Service names end at 63 characters; a StatefulSet adds `-0` and a revision hash to its own. */
const charactersMax = 52

export function childName(owner: string, suffix: string): string {
  const whole = suffix === '' ? owner : `${owner}-${suffix}`
  if (whole.length <= charactersMax) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8)
  return `${whole.slice(0, charactersMax - 9).replace(/[-.]+$/, '')}-${hash}`
}

export const names = {
  statefulSet: (cluster: string) => childName(cluster, ''),
  /** Of the first member: a StatefulSet names them. */
  volume: (cluster: string) => `data-${childName(cluster, '')}-0`,
  service: (cluster: string) => childName(cluster, ''),
  headlessService: (cluster: string) => childName(cluster, 'members'),
  serviceAccount: (cluster: string) => childName(cluster, 'server'),
  masterKey: (cluster: string) => childName(cluster, 'master-key'),
  clientAuthority: (cluster: string) => childName(cluster, 'client-ca'),
  serverAuthority: (cluster: string) => childName(cluster, 'server-ca'),
  operatorCertificate: (cluster: string) => childName(cluster, 'operator'),
  /** The Secret with the administrators of every start: pods mount it. */
  admins: (cluster: string) => childName(cluster, 'admins'),
  /** The Secret with the authorities that verify members, and the ConfigMap that shows them to programs. */
  trust: (cluster: string) => childName(cluster, 'trust'),
  internalTls: (cluster: string) => childName(cluster, 'internal-tls'),
  serverTls: (cluster: string) => childName(cluster, 'server-tls'),
  /** The public certificate that an issuer of ours gave, with its key; from there it is taken over into `serverTls`. */
  issuedTls: (cluster: string) => childName(cluster, 'issued-tls'),
  /** Key of the next public certificate: it waits here until that came. */
  nextServerKey: (cluster: string) => childName(cluster, 'next-server-key'),
  databaseKey: (database: string) => childName(database, 'database-key'),
  /** cert-manager's Certificate for a cluster and the Secret that it fills; from there it is taken over into `serverTls`. */
  certManagerTls: (cluster: string) => childName(cluster, 'cert-manager-tls'),
  /** The same for a client certificate. */
  certManagerClient: (certificate: string) => childName(certificate, 'cert-manager-client'),
  /** Key of the account at a CA. */
  issuerAccount: (issuer: string) => childName(issuer, 'account'),
  /** The next key of the account, from before the CA knows it until it is in use. */
  nextIssuerAccount: (issuer: string) => childName(issuer, 'next-account'),
  nextKey: (certificate: string) => childName(certificate, 'next-key'),
}

/** Key under which the authorities lie that verify members: of the Secret that keeps them and of the ConfigMap that shows them. */
export const bundleKey = 'ca-bundle.crt'

/** Key of the Secret `admins` under which the operator's certificate lies. */
export const operatorCertificateKey = 'operator.crt'

/** The port on which servers answer. */
export const httpsPort = 8443

/** Internal names that a member's certificate covers: its Service's, the headless ones, and the pod's own loopback. */
export function internalNames(cluster: string, namespace: string): readonly string[] {
  const service = names.service(cluster)
  const headless = names.headlessService(cluster)
  const forms = (name: string): string[] => [
    `${name}.${namespace}`,
    `${name}.${namespace}.svc`,
    `${name}.${namespace}.svc.cluster.local`,
  ]
  return [service, ...forms(service), ...forms(headless), ...forms(`*.${headless}`), 'localhost']
}

/** The name under which the operator verifies a member. */
export function memberName(pod: string, cluster: string, namespace: string): string {
  return `${pod}.${names.headlessService(cluster)}.${namespace}.svc`
}

/** The URL for programs in the cluster. */
export function internalUrl(cluster: string, namespace: string): string {
  return `https://${names.service(cluster)}.${namespace}.svc:${httpsPort}`
}
