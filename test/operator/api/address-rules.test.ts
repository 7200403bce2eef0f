import * as rules from '#operator/api/address-rules.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority } from '#test/support/certificates.ts'
import { ruleTests } from '#test/support/rule-tests.ts'

ruleTests({
  'usableDatabaseName()': {
    rule: rules.usableDatabaseName([]),
    good: ['orders', 'constant', 'systems', 'हिन्दी', 'a.con'],
    bad: ['CON', 'con.txt', 'nul', 'COM1', 'lpt9.x', 'System', 'SYSTEM', '.', '..', 'a..b', ''],
  },
  'noInnerName()': {
    rule: rules.noInnerName([]),
    good: ['vault.example.com', 'svc.example.com', 'localhost.example.com', 'mysvc'],
    bad: [
      ...['localhost', 'a.localhost', 'localhost.localdomain', 'vault.shop.svc', 'cluster.local'],
      ...['vault.shop.svc.cluster.local', 'svc'],
    ],
  },
  'noInnerNames()': {
    rule: rules.noInnerNames([]),
    good: [[], ['a.example.com', '*.example.com']],
    bad: [['a.example.com', 'localhost'], ['*.vault-members.shop.svc']],
  },
  'parsableUrl()': {
    rule: rules.parsableUrl([]),
    good: ['https://ca.example/directory', 'https://[2001:db8::1]/'],
    bad: ['https://[:::1]/', 'https://[1:2:3]/', 'nothing'],
  },
  'dialableServer()': {
    rule: rules.dialableServer([]),
    good: ['ns1', '10.0.0.1:53', '[2001:db8::1]:53', '2001:db8::1'],
    bad: ['[:::1]:53', '1:2:3', 'ns1:0'],
  },
  'readableCertificates()': {
    rule: rules.readableCertificates([]),
    good: [certificatePem((await authority('CA')).certificate)],
    bad: ['', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  },
})
