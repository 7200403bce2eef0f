/**
 * Every error that the server can answer or stop with: code, HTTP status, RavenDB's type name, text.
 * Text: what could not be done, a colon, what was found, and the fix. Never a secret, never a document's content.
 */
import { headerBytesMax } from '#server/limits.ts'
import { defineErrors } from '#shared/errors.ts'

const client = 'Raven.Client.Exceptions.'
/** What stops a start and never reaches a client. */
const start = 'Strongroom.StartException'
const argument = 'System.ArgumentException'
/** Valid in RavenDB and not built here yet. */
const notImplemented = `${client}NotImplementedException`

export const errors = defineErrors({
  // ── settings and start ───────────────────────────────────────────────────────────────────────────────────────
  /** A key that no version knows, on the command line or in the settings file. */
  SettingUnknown: {
    status: 500,
    type: start,
    message: (key: string, source: string, nearest: string) =>
      `Cannot use "${key}" from the ${source}: there is no such setting; did you mean "${nearest}"?`,
  },
  /** A value that its setting cannot have. The value is not shown: it may be a password. */
  SettingInvalid: {
    status: 500,
    type: start,
    message: (key: string, source: string, expected: string) =>
      `Cannot use the value of "${key}" from the ${source}: expected ${expected}`,
  },
  /** A setting of RavenDB's that promises something which this version does not do. */
  SettingNotBuilt: {
    status: 500,
    type: start,
    message: (key: string, source: string) =>
      `Cannot use "${key}" from the ${source}: this version does not have it yet, and ignoring it could weaken what you asked for; remove it`,
  },
  SettingsFileUnreadable: {
    status: 500,
    type: start,
    message: (file: string, why: string) => `Cannot read the settings file "${file}": ${why}`,
  },
  ListenFailed: {
    status: 500,
    type: start,
    message: (url: string, why: string) =>
      `Cannot listen on ${url}: ${why}; is another server running there, or does the address belong to another machine?`,
  },
  /** `RunInMemory` in the folder of a server with data: it would write its certificates over those. */
  MemoryOverData: {
    status: 500,
    type: start,
    message: (folder: string) =>
      `Cannot run in memory: "${folder}" holds the data of another server, whose certificates would be overwritten; give another DataDir`,
  },

  // ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────
  /** Wrong path or wrong method; RavenDB makes no difference. Its clients look for the name of the type. */
  RouteNotFound: {
    status: 400,
    type: `${client}Routing.RouteNotFoundException`,
    message: (method: string, url: string) => `There is no handler for path: ${method} ${url}`,
  },
  /** Asked for the topology of a database that is not there. The header makes RavenDB's clients say so. */
  DatabaseTopologyMissing: {
    status: 503,
    type: 'Error',
    message: (name: string) => `Cannot give the topology of database "${name}": it was not found`,
    headers: (name: string) => ({ 'Database-Missing': encodeURIComponent(name) }),
  },
  BodyTooLarge: {
    status: 413,
    type: `${client}BadRequestException`,
    message: () => 'Cannot take the request: its body is larger than this route allows',
  },
  /** All bodies that are being read and worked on together. */
  ServerBusy: {
    status: 503,
    type: `${client}RavenException`,
    message: (bytesMax: number) =>
      `Cannot take the request: the bodies of others fill the ${bytesMax} bytes that there are for them; send it again in a moment`,
    headers: () => ({ 'Retry-After': '1' }),
  },
  /** Those of one certificate, or from one address. */
  CallerBusy: {
    status: 429,
    type: `${client}RavenException`,
    message: (bytesMax: number) =>
      `Cannot take the request: with the others of this caller its body is more than ${bytesMax} bytes; send them one after the other`,
    headers: () => ({ 'Retry-After': '1' }),
  },
  DocumentTooLarge: {
    status: 413,
    type: `${client}BadRequestException`,
    message: (bytes: number, bytesMax: number) =>
      `Cannot store a document of ${bytes} bytes: at most ${bytesMax} are allowed; raise Documents.MaxSizeInMb, or keep the parts in documents of their own`,
  },
  HeaderRepeated: {
    status: 400,
    type: `${client}BadRequestException`,
    message: (name: string) =>
      `Cannot take the request: the header "${name}" is there twice; send it once`,
  },
  HostInvalid: {
    status: 400,
    type: `${client}BadRequestException`,
    message: () =>
      'Cannot take the request: its Host header is missing or no host with a port; send the one of the URL',
  },
  /** Plain HTTP only: any page could have a name of its own point at this server. */
  HostForeign: {
    status: 403,
    type: 'InvalidAuth',
    message: () =>
      'Cannot take the request: its Host is none of this server; use an address, localhost or the name in ServerUrl or PublicServerUrl',
  },
  ExpectationUnknown: {
    status: 417,
    type: `${client}BadRequestException`,
    message: () =>
      'Cannot take the request: its Expect header asks for something else than 100-continue; leave it out',
  },
  HeadersTooLarge: {
    status: 431,
    type: `${client}BadRequestException`,
    message: () => `Cannot take the request: its headers are larger than ${headerBytesMax} bytes`,
  },
  /** A request that trickles in: its time is over. */
  RequestTimedOut: {
    status: 408,
    type: 'System.TimeoutException',
    message: () => 'Cannot take the request: it did not arrive in time',
  },
  /** In the middle of an answer there are no words any more: its connection is cut. */
  AnswerTooSlow: {
    status: 408,
    type: 'System.TimeoutException',
    message: () =>
      'Cannot send the rest of the answer: it was read too slowly; ask for it in pages',
  },
  QueryValueMissing: {
    status: 500,
    type: argument,
    message: (name: string) => `Cannot run the request: "${name}" in its address has no value`,
  },
  QueryValueRepeated: {
    status: 500,
    type: argument,
    message: (name: string) => `Cannot run the request: "${name}" must be in its address once`,
  },
  QueryValueInvalid: {
    status: 500,
    type: argument,
    message: (name: string, expected: string) =>
      `Cannot run the request: the value of "${name}" in its address is not ${expected}`,
  },
  /** Valid in RavenDB, not built here yet. */
  OptionNotSupported: {
    status: 501,
    type: notImplemented,
    message: (name: string) =>
      `Cannot run the request: "${name}" in its address is not supported yet; leave it out`,
  },
  /** A route that RavenDB has and this version does not. */
  FeatureNotBuilt: {
    status: 501,
    type: notImplemented,
    message: (feature: string, method: string, path: string) =>
      `Cannot run ${method} ${path}: ${feature} is not built in this version of Strongroom`,
  },
  /** Where rights are given and taken: a misspelt restriction would be ignored. */
  QueryValueUnknown: {
    status: 400,
    type: argument,
    message: (name: string, nearest: string) =>
      `Cannot run the request: its address has "${name}", which means nothing here; did you mean "${nearest}"?`,
  },
  /** RavenDB names certificates by their SHA-1. */
  ThumbprintInvalid: {
    status: 400,
    type: argument,
    message: (found: string) =>
      `Cannot run the request: "${found}" is no thumbprint; give the SHA-1 of the certificate, 40 hex digits with or without colons`,
  },
  /** The batch is stored, and only here: one member has no replicas. */
  ReplicasNotReached: {
    status: 408,
    type: `${client}RavenTimeoutException`,
    message: (replicas: number, timeoutMs: number) =>
      `Cannot confirm that ${replicas} other members have the batch: within ${timeoutMs} ms none had it; it is stored on this member, the only one`,
  },
  RequestMalformed: {
    status: 400,
    type: `${client}BadRequestException`,
    message: () => 'Cannot read the request: it is not valid HTTP',
  },
  /** Nobody is left to read this; the log and the metrics know it by its name. */
  RequestCut: {
    status: 400,
    type: `${client}BadRequestException`,
    message: () => 'Cannot read the request: its connection ended before its body did',
  },
  /** A mistake of ours. What it was stands in the log only. */
  Internal: {
    status: 500,
    type: `${client}RavenException`,
    message: () => 'Cannot answer the request: the server failed; its log says how',
  },

  // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────
  /** A page or the root does not open: changed, moved, put back from earlier, or sealed under another key. */
  DatabaseDamaged: {
    status: 500,
    type: `${client}Database.DatabaseLoadFailureException`,
    message: (database: string, what: string) =>
      `Cannot read database "${database}": ${what}. Restore it from a backup, or check that its key is the right one`,
  },
  /** What is stored is older than what was last known of it. */
  DatabaseRolledBack: {
    status: 500,
    type: `${client}Database.DatabaseLoadFailureException`,
    message: (database: string, found: number, known: number) =>
      `Cannot open database "${database}": its files are at commit ${found}, but commit ${known} was the last one known. They were put back from an older copy; an administrator has to accept the older state`,
  },
  /** A link, a folder, a pipe or the like has the place of a file of the data folder. */
  DataFileForeign: {
    status: 500,
    type: `${client}Database.DatabaseLoadFailureException`,
    message: (database: string, path: string, found: string) =>
      `Cannot open "${database}": "${path}" is ${found}, and nothing in the data folder is followed elsewhere. Put there what this server made; to keep data on another disk, mount that or name it in DataDir`,
  },
  /** A file of an open database was deleted, moved away, or exchanged for another one. */
  DataFileGone: {
    status: 503,
    type: `${client}Database.DatabaseLoadFailureException`,
    message: (database: string, path: string) =>
      `Cannot go on with "${database}": "${path}" was deleted or exchanged while it was open. Put it back and restart the server, or restore the database from a backup`,
  },
  /** A file of an open database was written to by another program. */
  DataFileChanged: {
    status: 503,
    type: `${client}Database.DatabaseLoadFailureException`,
    message: (database: string) =>
      `Cannot go on with "${database}": another program has written to its files while it was open. They are checked before they are opened again; find that program, and stop it`,
  },
  /** Another process opened the same folder later; it is the owner now. */
  DataDirectoryTaken: {
    status: 503,
    type: `${client}Database.DatabaseDisabledException`,
    message: (database: string) =>
      `Cannot write to database "${database}": another process has opened its folder and owns it now. Stop one of the two`,
  },
  /** No room for a commit; reads go on, and writes do once there is room. */
  DiskFull: {
    status: 507,
    type: `${client}RavenException`,
    message: (database: string) =>
      `Cannot write to database "${database}": the disk is full. Make room; everything that was acknowledged is kept`,
  },
  /** The system reported an error while writing; the outcome of this commit is that nothing was written. */
  StorageFailed: {
    status: 500,
    type: `${client}RavenException`,
    message: (database: string, reason: string) =>
      `Cannot write to database "${database}": the storage reported "${reason}". Look at the disk; restart the server if it goes on`,
  },
  /** A mistake of ours in the middle of a commit. The one error that ends the process: the next start reads what is really stored. */
  CommitInDoubt: {
    status: 500,
    type: `${client}RavenException`,
    message: (database: string) =>
      `Cannot tell whether the last write to database "${database}" is stored: the commit failed in a way that must not happen; the server stops, and its next start shows what is stored`,
  },
  /** Writes to, or reads from, a database that was closed. */
  DatabaseClosed: {
    status: 503,
    type: `${client}Database.DatabaseDisabledException`,
    message: (database: string) => `Cannot use database "${database}": it was closed`,
  },
  /** Keys would lie in memory that can be swapped out. */
  MemoryLockFailed: {
    status: 500,
    type: 'System.InvalidOperationException',
    message: (reason: string) =>
      `Cannot lock memory for keys: ${reason}. Raise the limit of locked memory (ulimit -l, LimitMEMLOCK), or set Security.DoNotConsiderMemoryLockFailureAsCatastrophicError=true`,
  },
})
