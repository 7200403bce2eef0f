/** The guides of docs/guides, each command of them run as it stands there, on a cluster with the image and nothing else. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { cacheFolder } from '#scripts/cache.mjs'
import { blocksOf, missingLine, openShell, type Shell } from '../guide.ts'
import { kubernetesPrograms } from '../programs.ts'
import { renamedImage } from '../renamed-image.ts'
import { type Place, root } from '../suite.ts'

/** In this order: the first leaves nothing, the others take what is there. */
const guides = ['install', 'connect', 'recover']

/** As the chart names it where no value says otherwise. */
export const chartImage = 'docker.io/library/strongroom:0.1.0'

export function guidesSuite(place: () => Place): void {
  describe('the guides', () => {
    let folder: string
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'strongroom-guides-'))
      for (const name of ['charts', 'crds', 'examples'])
        symlinkSync(join(root, name), join(folder, name))
      using archive = await renamedImage(place().image.archive, chartImage)
      await place().cluster.loadImage(archive.path)
    })
    after(() => rmSync(folder, { recursive: true, force: true }))

    for (const guide of guides)
      describe(`${guide}.md`, () => {
        let shell: Shell
        before(() => {
          shell = openShell(folder, guideEnvironment(place(), folder))
        })
        after(() => shell?.[Symbol.asyncDispose]())
        const page = readFileSync(join(root, 'docs/guides', `${guide}.md`), 'utf8')
        for (const { name, commands, shows } of blocksOf(page))
          test(name, async () => {
            const output = await shell.run(commands)
            assert.equal(missingLine(output, shows), undefined, output)
          })
      })
  })
}

/** A shell's environment in which a guide is run. */
export function guideEnvironment({ cluster }: Place, folder: string): NodeJS.ProcessEnv {
  const { helm, kubectl } = kubernetesPrograms(cacheFolder('kubernetes'))
  const folders = [...new Set([dirname(helm), dirname(kubectl), dirname(process.execPath)])]
  return {
    ...process.env,
    PATH: `${folders.join(':')}:${process.env.PATH}`,
    KUBECONFIG: cluster.kubeconfig,
    HOME: folder,
    TMPDIR: folder,
  }
}
