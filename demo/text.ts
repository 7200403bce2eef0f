/** What the demo prints once everything is ready. */
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
}

export function linesToCopy({ kubeconfig, programs, folder, url, seconds }: Facts): string {
  const document = `"${url}/databases/orders/docs?id=orders%2F1"`
  const curl = `curl --silent --show-error --cacert ${folder}/ca.crt --cert ${folder}/client.pem`
  return `
Ready after ${seconds}. The lines below are for another terminal, for as long as this one runs.

What there is:

  export KUBECONFIG=${kubeconfig} KUBECACHEDIR=${folder}/kubecache PATH=${programs}:$PATH
  kubectl get strongroom-all
  kubectl describe strongroom vault

A document of the encrypted database, with the certificate that the operator issued (Secret shop-tls):

  ${curl} -X PUT -d '{"Total":7.1}' ${document}
  ${curl} ${document}

The official client:

  node ${join(root, 'examples/kubernetes-client.mjs')} ${url} ${folder}

Break it, and ask again; kubectl describe tells what happened and what to do:

  kubectl delete pod vault-0
  kubectl delete strongroompermission shop-orders
  kubectl delete secret vault-master-key && kubectl describe strongroom vault

Ctrl-C takes all of it away.`
}
