/** Who besides us can read a file that holds a key. */

/** What `stat` of the file says, after links. */
export interface FileOwnership {
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** The user and the groups of this process. */
export interface Ourselves {
  readonly uid: number
  readonly groups: readonly number[]
}

export function ourselves(): Ourselves {
  const groups = process.getgroups?.() ?? []
  return { uid: process.geteuid?.() ?? 0, groups: [...groups, process.getegid?.() ?? 0] }
}

/**
 * Why the file is too widely readable, or undefined. Any bit for others is too wide, and any for the group, but for one
 * case: kubelet hands a Secret to a pod as 0440 root:fsGroup. That file is not ours, its group is one of ours and cannot write.
 */
export function tooWide(file: FileOwnership, us: Ourselves): string | undefined {
  if ((file.mode & 0o007) !== 0) return 'others may use it'
  if ((file.mode & 0o070) === 0) return undefined
  if (file.uid === us.uid) return 'its group may use it'
  if (!us.groups.includes(file.gid)) return 'a group that is not ours may use it'
  return (file.mode & 0o020) === 0 ? undefined : 'its group may write it'
}
