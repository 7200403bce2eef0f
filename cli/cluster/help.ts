/** What `--help` prints. docs/reference/command.md shows the same. */
import { revocationReasons, type Verb } from './arguments.ts'

const exitCodes = 'Exit codes: 0 done; 1 it could not be done; 2 the command is wrong'
const where = `  -n, --namespace NAME   namespace; left out: that of the context, else default
      --kubeconfig FILE  instead of KUBECONFIG and ~/.kube/config
      --context NAME     instead of the current context
  -h, --help             this text
`

export const helpTexts: Readonly<Record<Verb, string>> = {
  status: `Usage: strongroom status [NAME] [flags]

Shows Strongrooms, client certificates and issuers: what each member serves, when certificates end and are renewed, the order in progress
and what stands in its way, and the fingerprints of the master keys. It asks the API server, never a database server.

      --json             as JSON (docs/reference/command.md)
  -A, --all-namespaces   of every namespace
${where}
${exitCodes}.
`,
  certificate: `Usage: strongroom certificate renew NAME [flags]
       strongroom certificate revoke NAME [--reason REASON] [flags]

Asks the operator to get a new certificate for the Strongroom NAME from its issuer, or to have the present one revoked and replaced.
A renewal also tries a failed order again at once. Both are done by the operator later: see strongroom status NAME, or wait for it.

      --wait             until every member serves another certificate than before
      --timeout TIME     of --wait, such as 90s, 5m or 1h; left out: 5m
      --json             as JSON (docs/reference/command.md)
      --reason REASON    ${revocationReasons.slice(0, 3).join(', ')},
                         ${revocationReasons.slice(3).join(', ')}; left out: unspecified
${where}
${exitCodes}; 3 it was asked for, and not served in time.
`,
}
