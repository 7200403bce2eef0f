/**
 * Credentials from the program that a kubeconfig names (ExecCredential of client.authentication.k8s.io/v1 and v1beta1). It is run with
 * its arguments and environment, without a shell and without a terminal: one that has to ask a person something cannot.
 */
import { resolve } from 'node:path'
import { cliErrors } from '#cli/errors.ts'
import { execAnswerBytesMax, execTimeoutMs } from '#cli/limits.ts'
import { authorityOf, type Credentials } from '#operator/kube/access.ts'
import type { ExecEntry, Kubeconfig } from '#operator/kube/kubeconfig.ts'
import { jsonShape } from '#shared/contract/json.ts'
import { runProgram } from '#shared/program.ts'
import { Type } from '#shared/schema/type.ts'

const answerShape = jsonShape(
  Type.Object({
    apiVersion: Type.String(),
    kind: Type.Literal('ExecCredential'),
    status: Type.Object({
      token: Type.Optional(Type.String({ minLength: 1 })),
      clientCertificateData: Type.Optional(Type.String({ minLength: 1 })),
      clientKeyData: Type.Optional(Type.String({ minLength: 1 })),
    }),
  }),
)

/** Throws `CredentialsMissing`; what the program wrote to its standard output is in no message. */
export async function execCredentials(
  exec: ExecEntry,
  config: Kubeconfig,
  env: NodeJS.ProcessEnv,
): Promise<Credentials> {
  const outcome = await runProgram({
    file: exec.command.includes('/') ? resolve(config.user.folder, exec.command) : exec.command,
    arguments: exec.args ?? [],
    timeoutMs: execTimeoutMs,
    outputBytesMax: execAnswerBytesMax,
    env: { ...env, ...given(exec), KUBERNETES_EXEC_INFO: JSON.stringify(question(exec, config)) },
  })
  if (outcome.kind === 'failed') throw cliErrors.CredentialsMissing(exec.command, outcome.reason)
  const answer = answerShape.read(outcome.output.toString('utf8'))
  if (answer === undefined || answer.apiVersion !== exec.apiVersion)
    throw cliErrors.CredentialsMissing(
      exec.command,
      `wrote no ExecCredential of ${exec.apiVersion}`,
    )
  const { token, clientCertificateData, clientKeyData } = answer.status
  if (clientCertificateData !== undefined && clientKeyData !== undefined)
    return { certificate: Buffer.from(clientCertificateData), key: Buffer.from(clientKeyData) }
  if (token === undefined)
    throw cliErrors.CredentialsMissing(
      exec.command,
      'gave neither a token nor a certificate with its key',
    )
  return { token: () => token }
}

function given({ env = [] }: ExecEntry): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

function question(
  { apiVersion, provideClusterInfo = false }: ExecEntry,
  config: Kubeconfig,
): object {
  const authority = authorityOf(config)?.toString('base64')
  const cluster = {
    server: config.cluster.entry.server,
    ...(authority === undefined ? {} : { 'certificate-authority-data': authority }),
  }
  const spec = { interactive: false, ...(provideClusterInfo ? { cluster } : {}) }
  return { apiVersion, kind: 'ExecCredential', spec }
}
