/**
 * The whole product on the reader's own machine: a Kubernetes, the operator, the quickstart, and lines to copy.
 *
 * scripts/demo.mjs starts it and sees to its end. Arguments: a folder for the certificates, which goes with it, and `--acme` for a
 * server certificate from a CA beside the cluster that is renewed every few minutes.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from '#scripts/cache.mjs'
import { availableCluster } from '#test/cluster/available.ts'
import { builtPrograms } from '#test/cluster/built/build.ts'
import { kubernetesPrograms } from '#test/cluster/programs.ts'
import { bringUpPlace } from '#test/cluster/suite.ts'
import { projectImage } from '#test/image/build.ts'
import { countRenewals, labBeside, orderCertificate } from './acme.ts'
import { forwardPort } from './port-forward.ts'
import { applyQuickstart, copyCertificate, installChart } from './quickstart.ts'
import { Steps } from './steps.ts'
import { linesToCopy, variables } from './text.ts'

const { values, positionals } = parseArgs({
  options: { acme: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const [folder = ''] = positionals
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stop.abort())
const steps = new Steps(stop.signal)

try {
  await demo()
} catch (error) {
  if (!stop.signal.aborted) {
    steps.tell(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}

async function demo(): Promise<void> {
  const available = await availableCluster()
  if (available.kind === 'none')
    throw new Error(
      `No Kubernetes can be had on this machine: ${available.reason}. To mend it: ${available.fix}`,
    )
  if (values.acme && available.kind !== 'built')
    throw new Error(
      '--acme needs the Kubernetes that is built: Docker has no way to a CA on this machine',
    )
  const cache = cacheFolder('kubernetes')
  const means = { cache, tell: steps.tell }
  if (available.kind === 'built')
    await steps.run('Programs of Kubernetes', () => builtPrograms(cache, steps.tell))
  await steps.run('Image of this checkout', () => projectImage(means))
  await using place = await steps.run('Kubernetes, one node', () =>
    bringUpPlace({ nodes: 1, tell: steps.tell }),
  )
  await steps.run('Operator, by its Helm chart', () => installChart(place))
  await applyQuickstart(place, steps)
  await copyCertificate(place, folder)
  await using lab = values.acme
    ? await steps.run('A CA (Pebble) and a DNS server (Knot) beside it', () =>
        labBeside(place.cluster, steps),
      )
    : undefined
  if (lab !== undefined) await orderCertificate(place.cluster, lab, steps)
  await using forward = await steps.run('Service vault on localhost', () =>
    forwardPort(place.cluster),
  )
  const facts = {
    kubeconfig: place.cluster.kubeconfig,
    programs: join(kubernetesPrograms(cache).kubectl, '..'),
    folder,
    url: forward.url,
    seconds: steps.seconds(),
    hasCa: lab !== undefined,
  }
  const variablesFile = join(folder, 'variables.sh')
  writeFileSync(variablesFile, variables(facts))
  steps.tell(linesToCopy(facts, variablesFile))
  if (lab !== undefined) {
    await countRenewals(place.cluster, lab, { steps, stop: stop.signal })
    return
  }
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
}
