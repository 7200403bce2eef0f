/** Finds the StrongroomIssuer that a cluster names, and opens its account for orders. Connections to a CA are kept for all orders of an account. */
import type { KeyObject } from 'node:crypto'
import type { Admin, Endpoint } from '#operator/admin/admin.ts'
import { endpointOf, memberPods } from '#operator/admin/endpoint.ts'
import {
  type AcmeIssuerSpec,
  type IssuerAccount,
  type StrongroomIssuer,
  strongroomIssuers,
} from '#operator/api/issuer.ts'
import type { Http01Solver } from '#operator/api/issuer-solvers.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { http01Solver } from '#operator/challenges/http01.ts'
import { tlsAlpn01Solver } from '#operator/challenges/tls-alpn01.ts'
import { accountSecret, authorityOf, signingSecret } from '#operator/issuers/sign.ts'
import { secretsOfSolvers, solversOf } from '#operator/issuers/solvers.ts'
import type { Cache } from '#operator/kube/cache.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { UserSecrets } from '#operator/kube/user-secrets.ts'
import type { Policy } from '#operator/policy.ts'
import { AccountLimiter } from '#shared/acme/account-limiter.ts'
import type { AcmeAccess, AcmeApi } from '#shared/acme/acme-api.ts'
import type { LookAt } from '#shared/acme/http01-look.ts'
import { thumbprint } from '#shared/acme/jws.ts'
import type { Clock } from '#shared/clock.ts'
import type { Egress } from '#shared/egress.ts'
import { readPrivateKey } from '#shared/pki/pem.ts'
import type { FoundIssuer, OrderingIssuer, UnusableIssuer } from './issuer.ts'
import { issuerNotFound, issuerTrouble, unusable } from './issuer-trouble.ts'
import { signingIssuer } from './signing-issuer.ts'

export interface FindIssuerMeans {
  readonly kube: Kube
  readonly cache: Cache
  readonly clock: Clock
  /** `httpsAcme()`, with what counts its exchanges. */
  readonly connectAcme: (access: Omit<AcmeAccess, 'now' | 'count'>) => AcmeApi
  readonly admin: (endpoint: Endpoint) => Admin
  /** Of the replicas of this operator, which answer challenges. */
  readonly addresses: () => Promise<readonly string[]>
  /** Where they answer them. */
  readonly challengePort: number
  readonly look: LookAt
  /** Where connections may go that resources name; anywhere where left out. */
  readonly egress?: Egress | undefined
  readonly secretOptIn?: boolean | undefined
  readonly ingressPolicy: Policy['ingress']
}

interface OpenAccount {
  readonly url: string | undefined
  readonly api: AcmeApi
  readonly limiter: AccountLimiter
}

export class IssuerFinder {
  readonly #means: FindIssuerMeans
  /** By directory, account and what verifies the directory. */
  readonly #accounts = new Map<string, OpenAccount>()

  constructor(means: FindIssuerMeans) {
    this.#means = means
  }

  async find(cluster: Strongroom, name: string): Promise<FoundIssuer> {
    const { namespace = '' } = cluster.metadata
    const { cache } = this.#means
    const issuer = cache.get<StrongroomIssuer>(strongroomIssuers, { name, namespace })
    if (issuer === undefined) return issuerNotFound(name)
    const signing = signingSecret(issuer)
    if (signing !== undefined) {
      const secret = await this.#secret(issuer, signing)
      const authority = authorityOf(issuer, secret, this.#means.clock.now())
      return authority.kind === 'usable' ? signingIssuer(authority, this.#means.clock) : authority
    }
    return this.#ordering(cluster, issuer)
  }

  close(): void {
    for (const { api } of this.#accounts.values()) api.close()
    this.#accounts.clear()
  }

  async #ordering(
    cluster: Strongroom,
    issuer: StrongroomIssuer,
  ): Promise<OrderingIssuer | UnusableIssuer> {
    const { metadata, spec, status } = issuer
    const { acme } = spec
    const { account } = status ?? {}
    if (acme === undefined || account === undefined || account.server !== acme.server)
      return unusable('IssuerNotReady', `StrongroomIssuer "${metadata.name}" has no account yet`)
    const trouble = issuerTrouble(this.#means.cache, cluster, metadata.name)
    if (trouble !== undefined) return trouble
    const open = await this.#opened(issuer, { acme, account })
    if (open === undefined)
      return unusable(
        'IssuerNotReady',
        `The account key of StrongroomIssuer "${metadata.name}" is gone, or another one than its account's`,
      )
    const found = new Map<string, Secret>()
    for (const name of secretsOfSolvers(issuer)) {
      const secret = await this.#secret(issuer, name)
      if (secret !== undefined) found.set(name, secret)
    }
    const solverFor = solversOf(issuer, found, {
      clock: this.#means.clock,
      egress: this.#means.egress,
      http01: (settings: Http01Solver) => this.#http01(cluster, settings),
      tlsAlpn01: () => this.#tlsAlpn01(cluster),
    })
    const { profile, preferredChain, keyType } = acme
    const keyKind = keyType === 'RSA' ? 'rsa-3072' : 'p-256'
    const { api, limiter } = open
    const versions = [...found.values()].map((each) => each.metadata.resourceVersion)
    const occasion = [metadata.generation, account.url, ...versions].join(' ')
    return { kind: 'acme', api, limiter, solverFor, profile, preferredChain, keyKind, occasion }
  }

  /** Its key is read once: with another one in its Secret, the issuer's own controller finds another account. */
  async #opened(
    issuer: StrongroomIssuer,
    { acme, account }: { readonly acme: AcmeIssuerSpec; readonly account: IssuerAccount },
  ): Promise<OpenAccount | undefined> {
    const { server: directoryUrl, caBundle: trust } = acme
    const { url, keyThumbprint } = account
    const id = [directoryUrl, keyThumbprint, trust].join('\n')
    const known = this.#accounts.get(id)
    if (known !== undefined && known.url === url) return known
    const accountKey = await this.#accountKey(issuer)
    if (accountKey === undefined || thumbprint(accountKey) !== keyThumbprint) return undefined
    // A CA that forgot the account was given the key again, and has another address for it.
    known?.api.close()
    const limiter = known?.limiter ?? new AccountLimiter(this.#means.clock.now)
    const api = this.#means.connectAcme({ directoryUrl, accountKey, accountUrl: url, trust })
    const open = { url, api, limiter }
    this.#accounts.set(id, open)
    return open
  }

  async #accountKey(issuer: StrongroomIssuer): Promise<KeyObject | undefined> {
    const key = secretText(await this.#secret(issuer, accountSecret(issuer)), 'tls.key')
    return key === '' ? undefined : readPrivateKey(key)
  }

  #http01(cluster: Strongroom, settings: Http01Solver) {
    const { kube, addresses, challengePort: port, look, ingressPolicy } = this.#means
    return http01Solver({ kube, cluster, settings, addresses, port, look, ingressPolicy })
  }

  #tlsAlpn01(cluster: Strongroom) {
    const { cache, admin } = this.#means
    const { name, namespace = '' } = cluster.metadata
    const members = () =>
      memberPods(cache, { name, namespace }).map((pod) => {
        const endpoint = endpointOf(cache, { name, namespace }, pod)
        return { name: pod.metadata.name, admin: endpoint && admin(endpoint) }
      })
    return tlsAlpn01Solver({ members, wanted: cluster.spec.members })
  }

  /** What the issuer may not use counts as missing: its own controller says so. */
  #secret(issuer: StrongroomIssuer, name: string): Promise<Secret | undefined> {
    return new UserSecrets(this.#means, issuer).read(name)
  }
}
