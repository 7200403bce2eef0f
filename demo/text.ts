/** What the demo prints once everything is ready, and the variables of a shell that its lines use: short enough for a terminal of 80 columns. */
import { join } from 'node:path'
import { root } from '#test/cluster/suite.ts'

export interface Facts {
  readonly kubeconfig: string
  /** Folder with kubectl and helm. */
  readonly programs: string
  /** Folder with the files of Secret shop-tls. */
  readonly folder: string
  readonly url: string
  readonly seconds: string
  /** There is a CA. */
  readonly hasCa: boolean
}

/** For a shell to read. */
export function variables({ kubeconfig, programs, folder, url }: Facts): string {
  return `export KUBECONFIG=${kubeconfig}
export KUBECACHEDIR=${join(folder, 'kubecache')}
export PATH=${join(root, 'cli')}:${programs}:$PATH
export CERTS=${folder}
export VAULT=${url}
`
}

/** `variablesFile`: where `variables` lie. */
export function linesToCopy({ seconds, hasCa }: Facts, variablesFile: string): string {
  const curl = 'curl -sS --cacert $CERTS/ca.crt --cert $CERTS/client.pem'
  const document = '"$VAULT/databases/orders/docs?id=orders%2F1"'
  const renew = `
Another certificate of the CA before its time:

  kubectl strongroom certificate renew vault --wait
`
  return `
Ready after ${seconds}. The lines below are for another terminal, while this one
runs; it begins with

  . ${variablesFile}

What there is:

  kubectl get strongroom-all
  kubectl strongroom status
  kubectl describe strongroom vault

A document of the encrypted database, with the certificate that the operator
issued (Secret shop-tls):

  ${curl} \\
    -X PUT -d '{"Total":7.1}' ${document}
  ${curl} \\
    ${document}

The official client:

  node ${join(root, 'examples/kubernetes-client.mjs')} $VAULT $CERTS
${hasCa ? renew : ''}
Break it, and ask again; kubectl describe tells what happened and what to do:

  kubectl delete pod vault-0
  kubectl delete strongroompermission shop-orders
  kubectl delete secret vault-master-key && kubectl describe strongroom vault

Ctrl-C takes all of it away.`
}
