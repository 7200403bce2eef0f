/** What the CA said about when to renew a certificate (RFC 9773), as it is written down: the point in its window is chosen once. */
import { type Static, Type } from '#shared/schema/type.ts'
import { detailCharactersMax, urlCharactersMax } from './limits.ts'

const time = Type.String({ format: 'date-time', maxLength: 32 })

export const renewalState = Type.Object(
  {
    sha256: Type.String({ maxLength: 64, description: 'Of the certificate that it is about.' }),
    renewAt: time,
    askAt: Type.String({
      format: 'date-time',
      maxLength: 32,
      description: 'When the CA is asked again.',
    }),
    window: Type.Optional(
      Type.Object({ start: time, end: time }, { description: 'As the CA suggests.' }),
    ),
    explanationUrl: Type.Optional(Type.String({ maxLength: urlCharactersMax })),
    ignored: Type.Optional(
      Type.String({
        maxLength: detailCharactersMax,
        description: 'Why what the CA said, if anything, was not followed.',
      }),
    ),
  },
  { description: 'When the certificate is renewed, and why then.' },
)

export type RenewalState = Static<typeof renewalState>
