/** Pieces that the kinds share. Every text and list is bounded, so that the cost of the CEL rules can be estimated. */
import { type Static, Type } from '#shared/schema/type.ts'
import { clusterName, dataKey, objectName } from './texts.ts'

export const group = 'strongroom.dev'
export const version = 'v1alpha1'
/** `kubectl get strongroom-all` lists every kind. Not `strongroom`: kubectl takes a category before a kind of the same name. */
export const category = 'strongroom-all'
export const apiVersion = `${group}/${version}`

/** The Strongroom that this belongs to; it never moves to another. */
export const clusterRef = Type.Object(
  { name: clusterName },
  { description: 'The Strongroom in the same namespace. Cannot be changed.' },
)

export const secretRef = Type.Object(
  { name: objectName },
  { description: 'A Secret in the same namespace.' },
)

export const secretKeyRef = Type.Object(
  { name: objectName, key: dataKey },
  { description: 'A key of a Secret in the same namespace.' },
)

/** The group of cert-manager's issuers. */
export const certManagerGroup = 'cert-manager.io'

/** Who issues a certificate: one of ours in the same namespace, or one of cert-manager's. */
export const issuerRef = Type.Object(
  {
    group: Type.Optional(
      Type.Union([Type.Literal(group), Type.Literal(certManagerGroup)], { default: group }),
    ),
    kind: Type.Optional(
      Type.Union(
        [Type.Literal('StrongroomIssuer'), Type.Literal('Issuer'), Type.Literal('ClusterIssuer')],
        { description: 'Left out: StrongroomIssuer, or Issuer of cert-manager.' },
      ),
    ),
    name: objectName,
  },
  { description: 'The issuer of the certificate.' },
)
export type IssuerRef = Static<typeof issuerRef>

/** What an `issuerRef` at that path must fulfil. */
export function issuerRules(path: readonly string[]): readonly FieldRule[] {
  return [
    {
      path,
      rule: "!has(self.kind) || (self.group == 'cert-manager.io') == (self.kind != 'StrongroomIssuer')",
      message:
        'kind is StrongroomIssuer in group strongroom.dev, and Issuer or ClusterIssuer in cert-manager.io',
      holds: (self) => {
        const { kind, group: its = group } = self as IssuerRef
        return kind === undefined || (its === certManagerGroup) === (kind !== 'StrongroomIssuer')
      },
    },
  ]
}

/** An issuer of cert-manager as cert-manager takes it; nothing where the issuer is another's, or none is named. */
export function certManagerIssuer(
  reference: IssuerRef | undefined,
): { readonly group: string; readonly kind: string; readonly name: string } | undefined {
  if (reference?.group !== certManagerGroup) return undefined
  return { group: certManagerGroup, kind: reference.kind ?? 'Issuer', name: reference.name }
}

/** metav1.Condition. */
const condition = Type.Object({
  type: Type.String({ maxLength: 316 }),
  status: Type.Union([Type.Literal('True'), Type.Literal('False'), Type.Literal('Unknown')]),
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  lastTransitionTime: Type.String({ format: 'date-time' }),
  reason: Type.String({ maxLength: 1024, minLength: 1 }),
  message: Type.String({ maxLength: 32768 }),
})

export const conditions = Type.Array(condition, {
  maxItems: 16,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
})

/** SHA-256 of a certificate (64 hex digits) and its last moment. */
export const certificateSummary = Type.Object({
  sha256: Type.String({ maxLength: 64 }),
  notAfter: Type.String({ format: 'date-time' }),
})

/** A rule in CEL, checked by the API server and again in reconcile. */
export interface Rule {
  /** Left out: CEL cannot say it within its budget, and the operator alone checks it. */
  readonly rule?: string
  readonly message: string
  readonly fieldPath?: string
  /** The same rule as a function of the value, for resources that were stored before the rule was there; left out: the API server alone checks it. */
  readonly holds?: (self: unknown) => boolean
}

/** A rule on one field below `spec`, e.g. `clusterRef`; `[]` stands for every item of a list. */
export interface FieldRule extends Rule {
  readonly path: readonly string[]
}

/** A column of `kubectl get`. `wide` ones show with `-o wide`. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date' | 'boolean'
  readonly jsonPath: string
  readonly wide?: boolean
}

export function unchangeable(path: readonly string[], what: string): FieldRule {
  return {
    path,
    rule: 'self == oldSelf',
    message: `${what} cannot be changed: make a new resource`,
  }
}

export const ready: Column = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
}
export const reason: Column = {
  name: 'Reason',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
}
export const message: Column = {
  name: 'Message',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  wide: true,
}
export const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
export const cluster: Column = {
  name: 'Cluster',
  type: 'string',
  jsonPath: '.spec.clusterRef.name',
}
