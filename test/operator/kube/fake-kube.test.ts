/** The fake keeps the port's promises. */
import { kubeContract } from '#test/contract/kube.contract.ts'
import { FakeKube } from '#test/support/fake-kube.ts'

kubeContract('the fake', async () => {
  const kube = new FakeKube()
  kube.compact()
  return { kube, namespace: 'suite', [Symbol.asyncDispose]: async () => undefined }
})
