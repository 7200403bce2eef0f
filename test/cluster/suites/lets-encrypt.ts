/**
 * docs/guides/lets-encrypt.md, each command of it run as it stands there, where Let's Encrypt is Pebble, the internet's DNS is Knot, and the APIs of
 * DNS providers are stand-ins that check who calls: the names of the outside world are written anew, in the page and in the examples,
 * and nothing else is.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { blocksOf, missingLine, openShell, type Shell } from '../guide.ts'
import { inLab, type OutsideWorld, outsideWorld } from '../outside-world.ts'
import { renamedImage } from '../renamed-image.ts'
import { type Place, root } from '../suite.ts'
import { chartImage, guideEnvironment } from './guides.ts'

const providers = ['api.cloudflare.com', 'route53.amazonaws.com', 'auth.acme-dns.example']

export function letsEncryptSuite(place: () => Place): void {
  describe('lets-encrypt.md', () => {
    let world: OutsideWorld
    let shell: Shell
    before(async () => {
      const { cluster, image } = place()
      using archive = await renamedImage(image.archive, chartImage)
      await cluster.loadImage(archive.path)
      world = await outsideWorld(place())
      const { environment, folder } = world
      shell = openShell(folder, { ...guideEnvironment(place(), folder), ...environment })
      // An operator that asks the DNS of the outside, and trusts those who are there.
      await shell.run('helm() { command helm "$@" --values lab.yaml; }')
    })
    after(async () => {
      await shell?.[Symbol.asyncDispose]()
      await world?.[Symbol.asyncDispose]()
    })

    const page = inLab(readFileSync(join(root, 'docs/guides/lets-encrypt.md'), 'utf8'))
    for (const { name, commands, shows } of blocksOf(page))
      test(name, async () => {
        await world.before(name.replace(/ \(line \d+\)$/, ''))
        const output = await shell.run(commands)
        assert.equal(missingLine(output, shows), undefined, output)
      })

    test('each way to prove the name was taken', () => {
      for (const host of [...providers, 'dns.lab.test']) assert.ok(world.calls(host) >= 1, host)
      for (const by of ['Ingress', 'HTTPRoute', 'Service'] as const)
        assert.ok(world.passed(by) >= 2, `the operator and the CA came by ${by}`)
    })
  })
}
