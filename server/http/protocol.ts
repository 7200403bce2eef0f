/** Which RavenDB we speak like. The official clients switch features by the version in `Raven-Server-Version`. */
export const ravenVersion = {
  BuildVersion: 72051,
  ProductVersion: '7.2',
  CommitHash: 'strongroom',
  FullVersion: '7.2.7',
} as const

/** Our own version, that of package.json. */
export const strongroomVersion = '0.1.0'

/** Name of this member in topologies; a single member is always A. */
export const nodeTag = 'A'

/** Content type of every JSON answer. */
export const jsonType = 'application/json; charset=utf-8'
