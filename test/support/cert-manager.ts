/** cert-manager as tests see it: what it answers, its issued Secrets, and its own resource definitions where they are on this machine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import type {
  CertManagerCertificate,
  CertManagerCondition,
  CertManagerRequest,
} from '#operator/cert-manager/certificate.ts'

/** The Certificate after its controller looked at it. */
export function answered(
  certificate: CertManagerCertificate,
  ...conditions: readonly CertManagerCondition[]
): CertManagerCertificate {
  return { ...certificate, status: { conditions } }
}

export function request(
  certificate: string,
  revision: number,
  ...conditions: readonly CertManagerCondition[]
): CertManagerRequest {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'CertificateRequest',
    metadata: {
      name: `${certificate}-${revision}`,
      namespace: 'shop',
      annotations: {
        'cert-manager.io/certificate-name': certificate,
        'cert-manager.io/certificate-revision': String(revision),
      },
    },
    status: { conditions },
  }
}

export function ready(
  status = 'True',
  more: Partial<CertManagerCondition> = {},
): CertManagerCondition {
  return { type: 'Ready', status, reason: 'Ready', message: 'up to date', ...more }
}

/** A schema as a resource definition holds it. */
export interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
}

interface Definition {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string; readonly plural: string }
    readonly versions: readonly {
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}

/** Of the kind and version in a folder of resource definitions; nothing where the folder is not there. */
export function schemaFrom(
  folder: string,
  { kind, apiVersion }: { readonly kind: string; readonly apiVersion: string },
): Schema | undefined {
  if (!existsSync(folder)) return undefined
  const [group, version] = apiVersion.split('/')
  const definitions = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => load(readFileSync(join(folder, file), 'utf8')) as Definition)
  return definitions
    .find(({ spec }) => spec.group === group && spec.names.kind === kind)
    ?.spec.versions.find(({ name }) => name === version)?.schema.openAPIV3Schema
}

/** Every field of a value that the schema does not know with that type, as `path: why`. */
export function misfits(value: unknown, schema: Schema | undefined, path = ''): readonly string[] {
  if (schema === undefined) return [`${path}: is not in the definition`]
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${path}: ${String(value)} is none of ${schema.enum.join(', ')}`]
  if (Array.isArray(value))
    return schema.type === 'array'
      ? value.flatMap((item, index) => misfits(item, schema.items, `${path}[${index}]`))
      : [`${path}: is a list here and ${schema.type} there`]
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, field]) =>
      misfits(field, schema.properties?.[key] ?? schema.additionalProperties, `${path}.${key}`),
    )
  const type = Number.isInteger(value) ? 'integer' : typeof value
  return schema.type === type ? [] : [`${path}: is ${type} here and ${schema.type} there`]
}
