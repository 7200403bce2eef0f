/** Rules on names and addresses: of databases, hosts and servers, and what verifies them. As in rules.ts. */
import { endpointOf } from '#shared/acme/dns/endpoint.ts'
import { databaseNameObjection, deviceNamePattern } from '#shared/database-name.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import type { FieldRule } from './common.ts'
import { literal } from './rules.ts'

/** @param text expression of CEL for the name, where it is not the field itself */
export function usableDatabaseName(path: readonly string[], text = 'self'): FieldRule {
  return {
    path,
    rule: `!${text}.lowerAscii().matches(${literal(deviceNamePattern)}) && ${text}.lowerAscii() != 'system'`,
    message: 'a database is not named as a device of Windows (con, nul, com1 …), nor "system"',
    holds: (name) => databaseNameObjection(String(name)) === undefined,
  }
}

/** Endings of names that lead to the machine itself or stay within a cluster. */
const innerNames = '(^|\\.)(localhost|localhost\\.localdomain|svc|cluster\\.local)$'
const innerName = new RegExp(innerNames)

function isInnerName(name: string): boolean {
  return innerName.test(name)
}

const innerMessage =
  'localhost and names below .svc or .cluster.local lead nowhere from outside, and are served with the internal certificate: name a public host'

export function noInnerName(path: readonly string[]): FieldRule {
  return {
    path,
    rule: `!self.matches(${literal(innerNames)})`,
    message: innerMessage,
    holds: (name) => !isInnerName(String(name)),
  }
}

export function noInnerNames(path: readonly string[]): FieldRule {
  return {
    path,
    rule: `self.all(name, !name.matches(${literal(innerNames)}))`,
    message: innerMessage,
    holds: (names) => (names as readonly string[]).every((name) => !isInnerName(name)),
  }
}

/** The API server reads addresses less strictly than whoever asks them. */
export function parsableUrl(path: readonly string[]): FieldRule {
  return {
    path,
    message: 'must be a URL that can be parsed, such as https://ca.example/directory',
    holds: (text) => URL.canParse(String(text)),
  }
}

export function readableCertificates(path: readonly string[]): FieldRule {
  return {
    path,
    message: 'must be certificates in PEM, each of which can be read',
    holds: (text) => {
      try {
        return readCertificates(Buffer.from(String(text))).length > 0
      } catch {
        return false
      }
    },
  }
}

/** Host and port of a server, as everybody who dials it reads them. */
export function dialableServer(path: readonly string[]): FieldRule {
  return {
    path,
    message: 'must be a server: host, host:port, [IPv6]:port, or an address',
    holds: (text) => endpointOf(String(text)) !== undefined,
  }
}
