/** `status` of a `Strongroom`: what was seen, and what a later look must not forget. */
import { orderState } from '#shared/acme/order-state.ts'
import { renewalState } from '#shared/acme/renewal-state.ts'
import { Type } from '#shared/schema/type.ts'
import { certificateSummary, conditions } from './common.ts'

export const member = Type.Object({
  name: Type.String({ maxLength: 253 }),
  ready: Type.Boolean(),
  version: Type.Optional(Type.String({ maxLength: 64 })),
  serves: Type.Optional(
    Type.Object(
      { internal: Type.Optional(certificateSummary), public: Type.Optional(certificateSummary) },
      { description: 'What the operator saw when it dialed the member.' },
    ),
  ),
  servesSince: Type.Optional(
    Type.String({ format: 'date-time', description: 'When the operator first saw these served.' }),
  ),
})

export const status = Type.Object({
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  conditions: Type.Optional(conditions),
  phase: Type.Optional(
    Type.String({ maxLength: 32, description: 'For people; programs read the conditions.' }),
  ),
  image: Type.Optional(
    Type.String({
      maxLength: 512,
      description:
        'The image that members were last seen ready with: they return to it without spec.image.',
    }),
  ),
  storage: Type.Optional(
    Type.String({
      maxLength: 32,
      description:
        'Size of the largest volume as it is: spec.storage.size cannot be made smaller than that.',
    }),
  ),
  storeId: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'Id of the server store. Another one than before means that the data was lost.',
    }),
  ),
  storeCommit: Type.Optional(
    Type.Integer({
      description:
        'The highest commit counter of the server store that was seen. A lower one later means that an older copy was put back.',
    }),
  ),
  masterKeys: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String({ maxLength: 253 }),
        fingerprint: Type.String({ maxLength: 64 }),
        needed: Type.Optional(
          Type.Boolean({
            description:
              'A member wraps its store by this key: without it that does not start. False: the key may be removed.',
          }),
        ),
      }),
      {
        maxItems: 8,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['id'],
        description:
          'Ids and fingerprints of the master keys; the keys themselves never leave their Secret.',
      },
    ),
  ),
  authorities: Type.Optional(
    Type.Object(
      {
        client: Type.String({ maxLength: 64 }),
        server: Type.String({ maxLength: 64 }),
      },
      {
        description:
          'SHA-256 of the authorities that sign for this cluster. A Secret that is missing later is not replaced unasked.',
      },
    ),
  ),
  members: Type.Optional(
    Type.Array(member, {
      maxItems: 9,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  ),
  order: Type.Optional(orderState),
  orderIssuer: Type.Optional(
    Type.String({ maxLength: 253, description: 'StrongroomIssuer that the order stands at.' }),
  ),
  publicCertificate: Type.Optional(
    Type.Object(
      {
        issuer: Type.String({ maxLength: 300, description: 'Kind and name of the issuer.' }),
        sha256: Type.String({ maxLength: 64 }),
        notAfter: Type.String({ format: 'date-time' }),
        renewAt: Type.String({ format: 'date-time' }),
        revision: Type.Integer({ minimum: 0, description: 'How often one was issued.' }),
        revoked: Type.Optional(
          Type.Boolean({ description: 'The CA revoked it on demand; another one is ordered.' }),
        ),
        renewal: Type.Optional(renewalState),
      },
      { description: 'The certificate that an issuer gave last.' },
    ),
  ),
  ready: Type.Optional(
    Type.String({ maxLength: 16, description: 'Ready members of all, e.g. 1/1.' }),
  ),
  url: Type.Optional(Type.String({ maxLength: 300 })),
})
