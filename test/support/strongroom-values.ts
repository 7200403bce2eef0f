/** Values of the fields of a Strongroom; those of the other kinds stand in field-values.ts, which says what they are for. */
import type { KubeObject } from '#operator/kube/kube.ts'
import { strongroom } from './resources.ts'

export interface FieldValues {
  readonly resource: () => KubeObject & { readonly spec: unknown }
  /** Below the resource; a number is a place in a list. */
  readonly path: readonly (string | number)[]
  readonly good: readonly unknown[]
  readonly bad: readonly unknown[]
  /** Only the operator refuses the bad ones: CEL cannot say why. */
  readonly isOperatorAlone?: boolean
}

const long = 'a'.repeat(64)
const withResources = () => strongroom({ spec: { pod: { resources: {} } } })
const withToleration = () => strongroom({ spec: { pod: { tolerations: [] } } })

export const strongroomValues: readonly FieldValues[] = [
  {
    resource: strongroom,
    path: ['spec', 'storage', 'size'],
    good: ['64Mi', '1Gi', '1.5Gi', '10G', '1P'],
    bad: [
      '0',
      '0Gi',
      '1',
      '-1Gi',
      'much',
      '',
      '1.0001Gi',
      '9999P',
      '1Gi\n',
      '1 Gi',
      '1e9',
      '9'.repeat(30),
    ],
  },
  {
    resource: strongroom,
    path: ['spec', 'storage', 'className'],
    good: ['fast', 'fast.ssd'],
    bad: ['', 'a..b', 'A', 'a/b', '-', 'a\n'],
  },
  {
    resource: strongroom,
    path: ['spec', 'image'],
    good: ['strongroom:2', 'registry.example:5000/a/b:c', `a@sha256:${long}`],
    bad: [
      '',
      ' ',
      'A',
      'a b',
      'a:',
      'a\n',
      '../a',
      'a@sha256:0',
      'https://a/b',
      `a:${'b'.repeat(129)}`,
    ],
  },
  {
    resource: strongroom,
    path: ['spec', 'exposure'],
    good: [{ host: 'db.example.com' }, { host: `${'a'.repeat(63)}.example` }],
    bad: [
      ...['*.com', '*.example.com', '10.0.0.1', '::1', 'localhost', 'a.localhost', 'vault', ''],
      ...[
        'vault.shop.svc',
        'vault.shop.svc.cluster.local',
        'a..b',
        'A.example',
        'a.example.',
        'a.b\n',
      ],
      ...[`${long}.example`, `${'a.'.repeat(126)}com`, '1.2', 'ä.example', '{{a}}.example'],
    ].map((host) => ({ host })),
  },
  {
    resource: strongroom,
    path: ['spec', 'tls', 'dnsNames'],
    good: [[], ['a.example.com', '*.example.com'], ['a.example.com', 'a.example.com']],
    bad: [
      ...['*.com', '*', 'a.*.com', '10.0.0.1', 'localhost', 'vault.shop.svc', '', 'a..b', 'a\n'],
      ...[`${long}.example`, 'b.cluster.local'],
    ].map((name) => [name]),
  },
  {
    resource: withResources,
    path: ['spec', 'pod', 'resources'],
    good: [
      ...[
        {},
        { requests: {} },
        { requests: { cpu: '0' } },
        { limits: { memory: '1Gi', cpu: '1.5' } },
      ],
      ...[
        { requests: { memory: '1Gi' }, limits: { memory: '1024Mi' } },
        { requests: { cpu: '500m' } },
      ],
    ],
    bad: [
      ...[{ requests: { memory: '2Gi' }, limits: { memory: '1Gi' } }, { limits: { memory: '0' } }],
      ...[{ requests: { cpu: '2' }, limits: { cpu: '1500m' } }, { limits: { cpu: '0' } }],
      ...[{ requests: { gpu: '1' } }, { limits: { '': '1' } }, { requests: { cpu: '-1' } }],
      ...[
        { requests: { cpu: '' } },
        { requests: { cpu: '0.0001' } },
        { requests: { memory: '9999P' } },
      ],
      ...[{ limits: { memory: '1Mi' } }, { requests: { memory: 'x' } }],
    ],
  },
  {
    resource: withToleration,
    path: ['spec', 'pod', 'tolerations'],
    good: [
      ...[
        [],
        [{ operator: 'Exists' }],
        [{ key: 'a.b/c', operator: 'Equal', value: 'x', effect: 'NoSchedule' }],
      ],
      ...[
        [{ key: 'a', effect: 'NoExecute', tolerationSeconds: 5 }],
        [{ key: 'a', operator: 'Exists' }],
      ],
    ],
    bad: [
      ...[
        {},
        { operator: 'Equal' },
        { operator: 'exists' },
        { operator: '' },
        { key: '', operator: 'Exists' },
      ],
      ...[{ key: 'a b' }, { key: 'a', operator: 'Exists', value: 'x' }, { key: 'a', value: 'a b' }],
      ...[
        { key: 'a', effect: 'Never' },
        { key: 'a', tolerationSeconds: 1, effect: 'NoSchedule' },
      ],
      ...[
        { key: 'a', effect: 'NoExecute', tolerationSeconds: -1 },
        { key: 'a', tolerationSeconds: 1 },
      ],
    ].map((one) => [one]),
  },
  {
    resource: () => strongroom({ spec: { pod: {} } }),
    path: ['spec', 'pod', 'nodeSelector'],
    good: [{}, { 'kubernetes.io/arch': 'amd64' }, { a: '' }],
    bad: [
      { 'a b': 'x' },
      { '': 'x' },
      { a: 'a b' },
      { a: long },
      { '/a': 'x' },
      { [long]: 'x' },
      { a: 'x\n' },
    ],
  },
  {
    resource: () => strongroom({ spec: { pod: {} } }),
    path: ['spec', 'pod', 'priorityClassName'],
    good: ['high'],
    bad: ['', 'a..b', 'A b', '{{a}}'],
  },
]
