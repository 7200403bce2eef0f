/**
 * docs/guides/lets-encrypt.md, each command of it run as it stands there, where Let's Encrypt is Pebble and the internet's DNS is Knot:
 * the names of the outside world are written anew, in the page and in the examples, and nothing else is.
 */
import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { blocksOf, missingLine, openShell, type Shell } from '../guide.ts'
import { renamedImage } from '../renamed-image.ts'
import { type Place, root } from '../suite.ts'
import { chartImage, guideEnvironment } from './guides.ts'

/** Where members answer, in place of 443. */
const httpsPort = 8443

export function letsEncryptSuite(place: () => Place): void {
  describe('lets-encrypt.md', () => {
    let folder: string
    let lab: AcmeLab
    let shell: Shell
    const watching = new AbortController()
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'strongroom-lets-encrypt-'))
      const { cluster, image } = place()
      using archive = await renamedImage(image.archive, chartImage)
      await cluster.loadImage(archive.path)
      lab = await acmeLab({ place: cluster, tlsAlpnPort: httpsPort })
      for (const name of ['charts', 'crds', 'cli'])
        symlinkSync(join(root, name), join(folder, name))
      writeExamples(folder, lab)
      void publishAddress(place(), lab, watching.signal)
      const environment = guideEnvironment(place(), folder)
      shell = openShell(folder, { ...environment, TSIG_KEY: lab.dns.tsigKey.secret })
    })
    after(async () => {
      watching.abort()
      await shell?.[Symbol.asyncDispose]()
      await lab?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    })

    const page = inLab(readFileSync(join(root, 'docs/guides/lets-encrypt.md'), 'utf8'))
    for (const { name, commands, shows } of blocksOf(page))
      test(name, async () => {
        const output = await shell.run(commands)
        assert.equal(missingLine(output, shows), undefined, output)
      })
  })
}

function inLab(text: string): string {
  return text.replaceAll('example.com', 'lab.test')
}

function writeExamples(folder: string, { directoryUrl, trust, dns }: AcmeLab): void {
  mkdirSync(join(folder, 'examples'))
  // A server on the internet is asked on port 53; the one of the lab is named.
  const check = `          check: {mode: Recursive, nameservers: ["${dns.address}"]}\n`
  for (const name of readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.yaml'))) {
    const text = readFileSync(join(root, 'examples', name), 'utf8')
      .replace(/^( +)server: https:\/\/acme-.*$/m, (_, indent: string) =>
        [`server: ${directoryUrl}`, `caBundle: ${JSON.stringify(trust)}`]
          .map((line) => `${indent}${line}`)
          .join('\n'),
      )
      .replace(/^ +rfc2136:$/m, (line) => `${check}${line}`)
      .replace('ns1.example.com:53', dns.address)
      .replace('strongroom.example.com', dns.tsigKey.name)
    writeFileSync(join(folder, 'examples', name), inLab(text))
  }
}

/** The name leads to the member, as soon as it has an address. */
async function publishAddress(
  { cluster }: Place,
  { dns }: AcmeLab,
  signal: AbortSignal,
): Promise<void> {
  let known = ''
  while (!signal.aborted) {
    const address = await cluster
      .kubectl('get', 'pod', 'vault-0', '--ignore-not-found', '-o', 'jsonpath={.status.podIP}')
      .catch(() => '')
    if (address !== '' && address !== known) {
      await dns.setAddress('db.lab.test', address)
      known = address
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
