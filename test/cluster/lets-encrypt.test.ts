/** The guide to certificates of a CA, on a cluster of its own: it begins with nothing on it, as its readers do. Only a built cluster has a way to a CA. */
import { describeBesideCa } from './beside-ca.ts'
import { letsEncryptSuite } from './suites/lets-encrypt.ts'

await describeBesideCa('on a cluster with nothing on it, beside a CA', letsEncryptSuite)
