/** Comparing what came back with what was sent: every byte outside `@metadata`, and `@metadata` by value. */
import assert from 'node:assert/strict'
import { cutMetadata } from './metadata-cut.ts'

const ofTheServer = ['@id', '@change-vector', '@last-modified', '@collection']

/** Fails where a byte outside `@metadata` differs, a value inside is lost, or the server added what it should not. */
export function assertSame(
  sent: { readonly id: string; readonly text: string },
  received: string,
): void {
  const before = cutMetadata(sent.text)
  const after = cutMetadata(received)
  assert.equal(trimmed(after.outside), trimmed(before.outside), `bytes of ${sent.id}`)
  const wanted = before.metadata ?? {}
  const metadata = after.metadata ?? {}
  assert.equal(metadata['@id'], sent.id)
  assert.match(String(metadata['@change-vector']), /^A:\d+-[A-Za-z0-9+/]{22}$/)
  for (const [name, value] of Object.entries(wanted))
    assert.deepEqual(metadata[name], value, `@metadata.${name} of ${sent.id}`)
  const added = Object.keys(metadata).filter(
    (name) => !(name in wanted) && !ofTheServer.includes(name),
  )
  assert.deepEqual(added, [], `@metadata of ${sent.id}`)
}

/** Without the white space beside the outer braces: where `@metadata` is first or last, it stood there. */
function trimmed(object: string): string {
  return `{${object.slice(1, -1).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')}}`
}
