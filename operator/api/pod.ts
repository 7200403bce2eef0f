/** What a Strongroom may say of its pods: `spec.pod`. Kubernetes looks at a pod only when one is made; here it is looked at before. */
import { isLarger } from '#operator/kube/quantity.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import type { FieldRule } from './common.ts'
import { containerAmounts, qualifiedKeys } from './rules.ts'
import { labelValue, objectName, qualifiedName } from './texts.ts'

/** CPU may be a part of one, e.g. 500m. Not finer than a thousandth: Kubernetes rounds what is. */
const amount = Type.String({
  minLength: 1,
  maxLength: 20,
  pattern: '^[0-9]+(m|(\\.[0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?)$',
})
const amounts = Type.Record(Type.String(), amount, { maxProperties: 8 })

const resources = Type.Object(
  {
    requests: Type.Optional(amounts),
    limits: Type.Optional(amounts),
  },
  { description: 'As in a container: cpu and memory, requested and limited.' },
)

const toleration = Type.Object({
  key: Type.Optional(qualifiedName),
  operator: Type.Optional(Type.Union([Type.Literal('Exists'), Type.Literal('Equal')])),
  value: Type.Optional(labelValue),
  effect: Type.Optional(
    Type.Union([
      Type.Literal('NoSchedule'),
      Type.Literal('PreferNoSchedule'),
      Type.Literal('NoExecute'),
    ]),
  ),
  tolerationSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
})
type Toleration = Static<typeof toleration>
type Resources = Static<typeof resources>

export const pod = Type.Object({
  resources: Type.Optional(resources),
  nodeSelector: Type.Optional(Type.Record(Type.String(), labelValue, { maxProperties: 32 })),
  tolerations: Type.Optional(Type.Array(toleration, { maxItems: 16 })),
  priorityClassName: Type.Optional(objectName),
})

export const podRules: readonly FieldRule[] = [
  containerAmounts(['pod', 'resources', 'requests']),
  containerAmounts(['pod', 'resources', 'limits']),
  {
    path: ['pod', 'resources', 'limits'],
    rule: "(!('memory' in self) || quantity(self['memory']).compareTo(quantity('64Mi')) >= 0) && (!('cpu' in self) || quantity(self['cpu']).compareTo(quantity('10m')) >= 0)",
    message: 'a server needs at least 64Mi of memory and 10m of cpu: raise the limit',
    holds: (limits) => {
      const { memory = '64Mi', cpu = '10m' } = limits as Readonly<Record<string, string>>
      return !isLarger('64Mi', memory) && !isLarger('10m', cpu)
    },
  },
  {
    path: ['pod', 'resources'],
    rule: '!has(self.requests) || !has(self.limits) || self.requests.all(key, !(key in self.limits) || quantity(self.requests[key]).compareTo(quantity(self.limits[key])) <= 0)',
    message: 'what is requested is at most what it is limited to',
    holds: (resources) => {
      const { requests = {}, limits = {} } = resources as Resources
      return Object.entries(requests).every(
        ([key, amount]) => limits[key] === undefined || !isLarger(amount, limits[key]),
      )
    },
  },
  qualifiedKeys(['pod', 'nodeSelector']),
  {
    path: ['pod', 'tolerations', '[]'],
    rule: "has(self.key) || (has(self.operator) && self.operator == 'Exists')",
    message: 'a toleration without key tolerates every key, and its operator is Exists',
    holds: (one) =>
      (one as Toleration).key !== undefined || (one as Toleration).operator === 'Exists',
  },
  {
    path: ['pod', 'tolerations', '[]'],
    rule: "!has(self.value) || self.value == '' || !has(self.operator) || self.operator == 'Equal'",
    message: 'a toleration with the operator Exists has no value',
    holds: (one) => {
      const { value = '', operator = 'Equal' } = one as Toleration
      return value === '' || operator === 'Equal'
    },
  },
  {
    path: ['pod', 'tolerations', '[]'],
    rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
    message: 'tolerationSeconds counts for the effect NoExecute alone',
    holds: (one) =>
      (one as Toleration).tolerationSeconds === undefined ||
      (one as Toleration).effect === 'NoExecute',
  },
]
