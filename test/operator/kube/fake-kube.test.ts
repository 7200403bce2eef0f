/** The fake keeps the port's promises. */
import { certManagerCertificates } from '#operator/kube/kinds.ts'
import { kubeContract } from '#test/contract/kube.contract.ts'
import { FakeKube } from '#test/support/fake-kube.ts'

kubeContract('the fake', async () => {
  const kube = new FakeKube()
  kube.undefine(certManagerCertificates)
  const forgottenVersion = async (): Promise<string> => {
    kube.compact()
    return '1'
  }
  return {
    kube,
    namespace: 'suite',
    undefinedKind: certManagerCertificates,
    forgottenVersion,
    [Symbol.asyncDispose]: async () => undefined,
  }
})
