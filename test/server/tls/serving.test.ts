import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Serving } from '#server/tls/serving.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { portOf, tlsSocket } from '#test/support/http-calls.ts'

test('Serving shows a changed certificate to new connections, and knows the names that it covers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-serving-'))
  const ca = await certificates.authority()
  const [first, second] = [await certificates.server(ca), await certificates.server(ca)]
  const path = join(folder, 'server.pem')
  const put = ({ certificate, privateKey }: typeof first) =>
    writeFile(path, certificatePem(certificate) + privateKeyPem(privateKey))
  await put(first)
  const swapped = Promise.withResolvers<void>()
  const serving = await Serving.open({
    files: { path, keyPath: undefined, password: undefined },
    hosts: ['localhost'],
    clock: { now: () => certificates.year2026 },
    swapped: () => swapped.resolve(),
    refused: swapped.reject,
  })
  const server = serving.listener((_request, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const shown = async () => {
    const socket = await tlsSocket({ port: portOf(server), ca: certificatePem(ca.certificate) })
    const { raw } = socket.getPeerX509Certificate() ?? {}
    socket.destroy()
    return raw
  }
  try {
    assert.deepEqual(await shown(), first.certificate.der)
    assert.equal(serving.covers('localhost') && !serving.covers('evil.example.com'), true)
    await put(second)
    await swapped.promise
    assert.equal(serving.current.certificate.thumbprint, second.certificate.thumbprint)
    assert.deepEqual(await shown(), second.certificate.der)
  } finally {
    await serving[Symbol.asyncDispose]()
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  }
})

test('Serving does not open with a certificate that must not be served', async () => {
  const files = { path: '/nonexistent', keyPath: undefined, password: undefined }
  const clock = { now: () => certificates.year2026 }
  const ignored = () => undefined
  await assert.rejects(
    Serving.open({ files, hosts: [], clock, swapped: ignored, refused: ignored }),
    {
      code: 'ServerCertificateUnreadable',
    },
  )
})
