/** What every Knot of the tests is told alike: few threads, nothing outside of its own folder, its words on standard error. */
export interface KnotPlace {
  /** Its own; `db` in it has to be there. */
  readonly folder: string
  readonly host: string
  readonly port: number
}

/** The beginning of a knot.conf. */
export function knotSettings({ folder, host, port }: KnotPlace): string {
  return `server:
    rundir: ${folder}
    listen: ${host}@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: ${folder}/knot.sock
log:
  - target: stderr
    any: info
database:
    storage: ${folder}/db
`
}
