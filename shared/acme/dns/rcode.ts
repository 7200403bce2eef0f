/** What the number in an answer means (RFC 1035, 2136, 8945), and what somebody can do about it. */

const names: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADSIG',
  17: 'BADKEY',
  18: 'BADTIME',
  22: 'BADTRUNC',
}

export const Rcode = { NoError: 0, NxDomain: 3 } as const

/** `REFUSED`; `RCODE 23` for what has no name here. */
export function rcodeName(rcode: number): string {
  return names[rcode] ?? `RCODE ${rcode}`
}

export interface Explanation {
  readonly found: string
  readonly fix: string
}

const explanations: Readonly<Record<string, Explanation>> = {
  FORMERR: {
    found: 'it does not understand the update (FORMERR)',
    fix: 'Check that a DNS server listens there which takes dynamic updates',
  },
  SERVFAIL: {
    found: 'it failed (SERVFAIL)',
    fix: 'Look into its log; often the zone file cannot be written',
  },
  NOTIMP: {
    found: 'it takes no updates (NOTIMP)',
    fix: 'Give the primary server of the zone, with dynamic updates switched on',
  },
  REFUSED: {
    found: 'it refuses (REFUSED): this key may not change this record',
    fix: 'Let the key update TXT records of this name in the policy or ACL of the zone',
  },
  NOTAUTH: {
    found: 'it refuses (NOTAUTH): it is no primary of this zone, or the update must be signed',
    fix: 'Give the primary server of the zone, and a TSIG key that it knows',
  },
  NOTZONE: {
    found: 'the name is outside the zone (NOTZONE)',
    fix: 'Check how the zone is cut at this server',
  },
  BADKEY: {
    found: 'it knows no TSIG key of this name and algorithm (BADKEY)',
    fix: 'Write name and algorithm of the key as they stand in the configuration of the server',
  },
  BADSIG: {
    found: 'the TSIG signature is wrong (BADSIG): the key has another secret there',
    fix: 'Copy the base64 secret of the key from the server into the Secret again',
  },
  BADTIME: {
    found: 'the clocks are more than 5 minutes apart (BADTIME)',
    fix: 'Set the clocks of both machines by NTP',
  },
}

/** Why a server does not do an update. */
export function updateRefusal(rcode: number): Explanation {
  const name = rcodeName(rcode)
  return (
    explanations[name] ?? { found: `it answered ${name}`, fix: 'Look into the log of the server' }
  )
}
