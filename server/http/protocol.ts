/** Which RavenDB we speak like. The official clients switch features by the version in `Raven-Server-Version`. */
export const ravenVersion = {
  BuildVersion: 72051,
  ProductVersion: '7.2',
  CommitHash: 'strongroom',
  FullVersion: '7.2.7',
} as const

/** Name of this member in topologies; a single member is always A. */
export const nodeTag = 'A'

/** Content type of every JSON answer. */
export const jsonType = 'application/json; charset=utf-8'
