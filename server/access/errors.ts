/** Errors of access, and of the certificates that carry it. Text: what was refused or could not be done, a colon, what was found, and the fix. */
import { defineErrors } from '#shared/errors.ts'

/** Refusals have RavenDB's short body: `{Type: "InvalidAuth", Message}`. */
const refused = { status: 403, type: 'InvalidAuth' } as const
/** RavenDB answers what the caller did wrong here with 500, and its clients read the type; ours does the same. */
const wrong = { status: 500 } as const
/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'

export const accessErrors = defineErrors({
  /** RavenDB's clients turn every 403 into an AuthorizationException that shows the text. */
  CertificateMissing: {
    ...refused,
    message: () =>
      'Access refused: no client certificate was presented, and this server lets nobody in without one; give your client, or browser, the certificate that was registered here',
  },
  CertificateUnknown: {
    ...refused,
    message: (who: string) =>
      `Access refused: the client certificate ${who} is unknown to the server; ask an administrator to register it`,
  },
  /** Certificates of the same key are registered, but this one is not their successor. */
  RenewalRefused: {
    ...refused,
    message: (who: string, why: string, pin: string) =>
      `Access refused: the client certificate ${who} is unknown to the server, and though its public key (pinning hash ${pin}) belongs to registered ones it does not count as their renewal, since ${why}; ask an administrator to register it`,
  },
  /** Whoever has the key and an issuer could make any number. */
  RenewalsTooMany: {
    ...refused,
    message: (who: string, most: number, pin: string) =>
      `Access refused: the client certificate ${who} is unknown to the server, and though it would renew registered ones of its public key (pinning hash ${pin}), ${most} renewals of that are valid already; use one of those, or ask an administrator to register it`,
  },
  CertificateDisabled: {
    ...refused,
    message: (who: string) =>
      `Access refused: the client certificate ${who} is disabled; ask an administrator to enable it`,
  },
  CertificateNotYetValid: {
    ...refused,
    message: (who: string, from: string) =>
      `Access refused: the client certificate ${who} is not valid before ${from}; check the clocks, or wait`,
  },
  CertificateExpired: {
    ...refused,
    message: (who: string, end: string) =>
      `Access refused: the client certificate ${who} has expired on ${end}; ask an administrator for a new one`,
  },
  /** The certificate itself would still be good: its registration narrows it. */
  RegistrationEnded: {
    ...refused,
    message: (who: string, end: string) =>
      `Access refused: the client certificate ${who} was registered until ${end}; ask an administrator to extend its registration`,
  },
  ClearanceTooLow: {
    ...refused,
    message: (who: string, needed: string, has: string) =>
      `Access refused: this needs the clearance ${needed}, and the client certificate ${who} has ${has}`,
  },
  DatabaseForbidden: {
    ...refused,
    message: (who: string, database: string) =>
      `Access to database '${database}' refused: the client certificate ${who} has none there`,
  },
  DatabaseAccessTooLow: {
    ...refused,
    message: (who: string, database: string, needed: string) =>
      `Access to database '${database}' refused: this needs ${needed} access, and the client certificate ${who} has less there`,
  },
  DatabaseNotNamed: {
    ...refused,
    message: (who: string) =>
      `Access refused: the client certificate ${who} may not ask about all databases; name one in the query value "name"`,
  },
  /** A clearance that is no word of RavenDB's, or the one that would mean everybody. */
  ClearanceUnknown: {
    ...wrong,
    type: 'System.FormatException',
    message: (found: string) =>
      `Cannot use ${found} as SecurityClearance: it can be ClusterAdmin, ClusterNode, Operator or ValidUser, in this spelling`,
  },
  PermissionInvalid: {
    ...wrong,
    type: 'System.ArgumentException',
    message: (why: string) => `Cannot use the permissions: ${why}`,
  },
  /** In the configuration; stops the start. */
  WellKnownInvalid: {
    status: 500,
    type: start,
    message: (why: string) =>
      `Cannot trust the well-known administrators of the configuration: ${why}`,
  },
  /** The folder of `Security.WellKnownCertificates.Admin.Path` at start; later nobody of it is let in until it is back. */
  WellKnownFolderUnreadable: {
    status: 500,
    type: start,
    message: (path: string, why: string) =>
      `Cannot read the folder of administrators' certificates "${path}": ${why}; make it, or correct Security.WellKnownCertificates.Admin.Path`,
  },

  // ── certificates ─────────────────────────────────────────────────────────────────────────────────────────────
  /** A member of the body that describes a certificate is missing or of another shape. */
  CertificateDefinitionInvalid: {
    ...wrong,
    type: 'System.ArgumentException',
    message: (member: string, expected: string) =>
      `Cannot use the certificate definition: ${member} must be ${expected}`,
  },
  /** A member whose text is no date, or no word that RavenDB knows there. */
  CertificateFormatInvalid: {
    ...wrong,
    type: 'System.FormatException',
    message: (member: string, expected: string) =>
      `Cannot read the certificate definition: ${member} must be ${expected}`,
  },
  /** Registering and editing narrow when a certificate counts; nothing makes it longer than its issuer did. */
  CertificateDatesInvalid: {
    status: 400,
    type: 'System.ArgumentException',
    message: (member: string, why: string) =>
      `Cannot use ${member} of the certificate definition: ${why}; give a date within the certificate's own, or leave it out`,
  },
  /** Perhaps a misspelt restriction: the certificate would get more than was meant. */
  CertificateMemberUnknown: {
    status: 400,
    type: 'System.ArgumentException',
    message: (member: string, nearest: string) =>
      `Cannot use the certificate definition: it has the member "${member}", which there is not; did you mean "${nearest}"?`,
  },
  /** What an answer shows may be sent back as it is, and cannot be changed. */
  CertificateMemberFixed: {
    status: 400,
    type: 'System.ArgumentException',
    message: (member: string) =>
      `Cannot use the certificate definition: ${member} follows from the certificate, and says something else there; leave it out`,
  },
  /** A use that only the server itself, or a service that is not built yet, gives a certificate. */
  CertificateUsageReserved: {
    ...wrong,
    type: 'System.InvalidOperationException',
    message: (usage: string) =>
      `Cannot use the certificate definition: Usage "${usage}" is not for certificates that are registered or generated; leave it out, or say "Client"`,
  },
  /** Something of RavenDB's that would make a certificate safer, and that we must not seem to have done. */
  CertificateFeatureMissing: {
    status: 501,
    type: 'Raven.Client.Exceptions.NotImplementedException',
    message: (member: string) =>
      `Cannot use ${member} in the certificate definition: this version does not have it yet; leave it out`,
  },
  CertificateNotGiven: {
    ...wrong,
    type: 'System.ArgumentException',
    message: () =>
      'Cannot register: there are only authorities in the file; give the certificate that the client presents',
  },
  /** A client repeats what it got no answer to. The private key went with the lost answer and is kept nowhere. */
  CertificateAlreadyGenerated: {
    status: 409,
    type: 'System.InvalidOperationException',
    message: (name: string) =>
      `Cannot send the certificate "${name}" again: an earlier request with this id generated it, and its private key was not kept; delete it and generate another`,
  },
  CertificateNotFound: {
    ...wrong,
    type: 'System.InvalidOperationException',
    message: (thumbprint: string) =>
      `Cannot edit the certificate with thumbprint "${thumbprint.slice(0, 60)}": none such is registered`,
  },
  /** RavenDB answers 204 here and deletes nothing. Not 404: the official client cannot read that from a DELETE, and hides the text. */
  CertificateToDeleteNotFound: {
    status: 400,
    type: 'System.InvalidOperationException',
    message: (thumbprint: string) =>
      `Cannot delete the certificate with thumbprint "${thumbprint}": none such is registered; one that the configuration names is taken away there`,
  },
  /** An Operator manages users and Operators only. */
  CertificateBeyondClearance: {
    status: 403,
    type: 'System.InvalidOperationException',
    message: (name: string, needed: string, has: string) =>
      `Cannot change the certificate "${name}": only a ClusterAdmin may give, change or take the clearance ${needed}, and you have ${has}`,
  },
  CertificateInUse: {
    ...wrong,
    type: 'System.InvalidOperationException',
    message: (act: string, name: string) =>
      `Cannot ${act} the certificate "${name}": this request was made with it; let another administrator do it`,
  },
  LastAdministrator: {
    ...wrong,
    type: 'System.InvalidOperationException',
    message: () =>
      'Cannot change the certificate: it is the last ClusterAdmin, and nobody could administer the server any more; register another one first',
  },
  CertificateIsServers: {
    ...wrong,
    type: 'System.InvalidOperationException',
    message: (subject: string) =>
      `Cannot register "${subject}": it is the certificate of this server, and clients have their own`,
  },
  /** Plain HTTP. */
  CertificatesNeedTls: {
    ...wrong,
    type: 'System.InvalidOperationException',
    message: () =>
      'Cannot change certificates: this server runs without TLS and asks nobody who he is; give it a certificate first',
  },
  CertificateLifetimeInvalid: {
    ...wrong,
    type: 'System.ArgumentException',
    message: (begin: string, end: string, days: number) =>
      `Cannot make a certificate that is valid from ${begin} to ${end}: it must begin before it ends, and end in the future and within ${days} days`,
  },
  CertificateKeyWeak: {
    ...wrong,
    type: 'System.ArgumentException',
    message: (subject: string, bits: number, least: number) =>
      `Cannot register "${subject}": its RSA key has ${bits} bits; make one with at least ${least}`,
  },
})
