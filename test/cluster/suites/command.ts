/** `kubectl strongroom`, as kubectl itself finds and runs it, against a real API server. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { reportShape, type StatusReport } from '#cli/cluster/report-shape.ts'
import { annotation } from '#operator/kube/labels.ts'
import { cacheFolder } from '#scripts/cache.mjs'
import { misfit } from '#shared/schema/check.ts'
import { kubernetesPrograms } from '../programs.ts'
import { run, until } from '../run.ts'
import { type Place, root, type Tenant } from '../suite.ts'
import { quickstartTenant } from './quickstart.ts'

interface WithAnnotations {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
}

export function commandSuite(place: () => Place): void {
  describe('kubectl strongroom', () => {
    let tenant: Tenant
    let folder: string
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kubectl-strongroom-'))
      tenant = await quickstartTenant(place())
    })
    after(async () => {
      rmSync(folder, { recursive: true, force: true })
      await tenant?.[Symbol.asyncDispose]()
    })

    /** Standard output; throws with what it wrote to standard error where it ends with another code than 0. */
    const strongroom = (args: readonly string[], kubeconfig = place().cluster.kubeconfig) => {
      const { kubectl } = kubernetesPrograms(cacheFolder('kubernetes'))
      const PATH = `${join(root, 'cli')}:${dirname(process.execPath)}:${process.env.PATH}`
      const env = { ...process.env, PATH, KUBECONFIG: kubeconfig }
      return run(kubectl, ['strongroom', ...args], { env, timeoutMs: 60_000 })
    }

    test('status shows what the member serves, as the status of the resource has it', async () => {
      const text = await strongroom(['status', 'vault', '-n', tenant.namespace])
      const report = await reportIn(strongroom, tenant.namespace)
      const [vault] = report.strongrooms
      const sha256 = vault?.members[0]?.public?.sha256 ?? 'nothing is served'
      assert.equal(vault?.ready, 'True')
      assert.equal(vault?.certificate.source, 'selfSigned')
      assert.equal(vault?.certificate.isServed, true)
      assert.deepEqual(
        report.certificates.map(({ name, ready }) => [name, ready]),
        [['shop', 'True']],
      )
      assert.match(text, new RegExp(`^Strongroom ${tenant.namespace}/vault\\n {2}Ready +True\\n`))
      assert.ok(text.includes(sha256), text)
      assert.match(text, /Member +vault-0 ready/)
      assert.match(text, /Master key +\S+ [0-9a-f]+/)
    })

    test('renew asks the operator only where an issuer gave the certificate', async () => {
      const renew = ['certificate', 'renew', 'vault', '-n', tenant.namespace]
      await assert.rejects(strongroom(renew), /ended with 1: .*selfSigned.*\[NothingIssued\]/)
      await assert.rejects(
        strongroom(['certificate', 'renew', 'nobody', '-n', tenant.namespace]),
        /ended with 1: .*Cannot find Strongroom "nobody".*\[ResourceMissing\]/,
      )
      await assert.rejects(strongroom(['certificate']), /ended with 2: .*\[CommandInvalid\]/)
    })

    test('somebody who may only look, by a token or by a program that fetches it, looks and changes nothing', async () => {
      const token = await viewerToken(tenant)
      const config = await place().cluster.kubectl(
        'config',
        'view',
        '--raw',
        '--minify',
        '-o',
        'json',
      )
      const byToken = kubeconfigFor(config, { token }, join(folder, 'token'))
      const program = join(folder, 'get-token')
      const credential = {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token },
      }
      writeFileSync(program, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o700 })
      const exec = {
        apiVersion: credential.apiVersion,
        command: './get-token',
        interactiveMode: 'Never',
      }
      const byProgram = kubeconfigFor(config, { exec }, join(folder, 'program'))
      for (const kubeconfig of [byToken, byProgram]) {
        const looked = (args: readonly string[]) => strongroom(args, kubeconfig)
        assert.equal((await reportIn(looked, tenant.namespace)).strongrooms[0]?.name, 'vault')
        await assert.rejects(
          looked(['status', '--all-namespaces']),
          /refused with 403: .*cannot list .*\[ApiServerRefused\]/,
        )
      }
      const found = await tenant.get<WithAnnotations>('strongroom', 'vault')
      assert.equal(found?.metadata.annotations?.[annotation.renew], undefined)
    })
  })
}

async function reportIn(
  strongroom: (args: readonly string[]) => Promise<string>,
  namespace: string,
): Promise<StatusReport> {
  const report: StatusReport = JSON.parse(await strongroom(['status', '--json', '-n', namespace]))
  assert.equal(misfit(reportShape, report), undefined)
  return report
}

/** Of a service account that may read our kinds in the tenant's namespace and nothing else. */
async function viewerToken(tenant: Tenant): Promise<string> {
  await tenant.kubectl('create', 'serviceaccount', 'viewer')
  const kinds = ['strongrooms', 'strongroomcertificates', 'strongroomissuers']
    .map((plural) => `${plural}.strongroom.dev`)
    .join(',')
  await tenant.kubectl(...['create', 'role', 'viewer', '--verb=get,list', `--resource=${kinds}`])
  await tenant.kubectl(
    ...['create', 'rolebinding', 'viewer', '--role=viewer'],
    `--serviceaccount=${tenant.namespace}:viewer`,
  )
  const token = await tenant.kubectl('create', 'token', 'viewer')
  // The API server learns of the binding by its own watch.
  const viewer = `system:serviceaccount:${tenant.namespace}:viewer`
  const may = ['auth', 'can-i', 'list', 'strongrooms', `--as=${viewer}`]
  await until('the viewer to be allowed to look', async () => {
    const answer = await tenant.kubectl(...may).catch(() => 'no')
    return answer.startsWith('yes') ? true : undefined
  })
  return token.trim()
}

/** The same cluster for another user. */
function kubeconfigFor(config: string, user: object, file: string): string {
  const read = JSON.parse(config)
  writeFileSync(file, JSON.stringify({ ...read, users: [{ name: read.users[0].name, user }] }))
  return file
}
