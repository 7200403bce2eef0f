/** What README and examples/ tell people to run does run, on a server of its own. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempDisposableSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { type ServerProcess, startServer } from '#test/support/server-process.ts'
import { root } from '#test/support/source-tree/source-tree.ts'

const folder = mkdtempDisposableSync(path.join(tmpdir(), 'strongroom-examples-'))
let server: ServerProcess

before(async () => {
  server = await startServer({ folder: folder.path })
})
after(async () => {
  await server.stop()
  folder.remove()
})

/** Runs Node in the checkout; rejects with what it wrote where it fails. */
async function node(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  return stdout
}

test("README's snippet stores a document and loads it again", async () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
  const snippet = /^```js\n([\s\S]*?)^```/m.exec(readme)?.[1] ?? ''
  const here = snippet
    .replace('https://127.0.0.1:8443', server.url)
    .replace("'strongroom-data/certificates'", JSON.stringify(`${folder.path}/certificates`))
  assert.notEqual(here, snippet)
  assert.match(await node('--input-type=module', '--eval', here), /total: 12\.5/)
})

test('examples/node-client.mjs makes its database once and stores into it every time', async () => {
  const run = () =>
    node('examples/node-client.mjs', server.url, `${folder.path}/certificates`, 'example')
  for (const output of [await run(), await run()]) {
    const { customer, lines } = JSON.parse(output)
    assert.deepEqual([customer, lines], ['customers/7', [{ product: 'Tea', price: 12.5 }]])
  }
})
