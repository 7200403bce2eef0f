import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificateRequest } from '#shared/pki/request.ts'

for (const kind of ['p-256', 'rsa-3072'] as const)
  test(`certificateRequest() has all names and the key of kind ${kind}, and is signed by it`, async () => {
    const keys = await makeKeyPair(kind)
    const names = ['vault.example.com', '*.example.com', '192.0.2.1', '2001:db8::1']
    const der = await certificateRequest(names, keys)
    const options = ['req', '-inform', 'DER', '-verify', '-text', '-pubkey', '-noout']
    const { stdout, stderr, status } = spawnSync('openssl', options, { input: der })
    assert.equal(status, 0, stderr.toString())
    const text = stdout.toString()
    assert.match(text, /DNS:vault\.example\.com, DNS:\*\.example\.com/)
    assert.match(text, /IP Address:192\.0\.2\.1, IP Address:2001:DB8:0:0:0:0:0:1/)
    assert.match(text, /Subject: ?\n/)
    const [pem = ''] = /-----BEGIN PUBLIC[\s\S]+?END PUBLIC KEY-----/.exec(text) ?? []
    assert.equal(createPublicKey(pem).equals(keys.publicKey), true)
  })
