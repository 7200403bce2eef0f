/** Comparing what came back with what was sent: every byte outside `@metadata`, and `@metadata` by value. */
import assert from 'node:assert/strict'
import { beforeLastMetadata, cutMetadata } from './metadata-cut.ts'

const ofTheServer = ['@id', '@change-vector', '@last-modified', '@collection']

/** Fails where a byte outside `@metadata` differs, a value inside is lost, or the server added what it should not. */
export function assertSame(
  sent: { readonly id: string; readonly text: string },
  received: string,
): void {
  assert.notEqual(received, 'null', `${sent.id} is missing`)
  const { before, after, metadata: wanted = {} } = cutMetadata(sent.text)
  assertBytes({ id: sent.id, before, after, outside: beforeLastMetadata(received) })
  const metadata = cutMetadata(received).metadata ?? {}
  assert.equal(metadata['@id'], sent.id)
  assert.match(String(metadata['@change-vector']), /^A:\d+-[A-Za-z0-9+/]{22}$/)
  for (const [name, value] of Object.entries(wanted))
    assert.deepEqual(metadata[name], value, `@metadata.${name} of ${sent.id}`)
  const added = Object.keys(metadata).filter(
    (name) => !(name in wanted) && !ofTheServer.includes(name),
  )
  assert.deepEqual(added, [], `@metadata of ${sent.id}`)
}

/** The closing brace apart, `outside` is `before` and `after`, with nothing but a comma and white space where `@metadata` stood. */
function assertBytes({
  id,
  before,
  after,
  outside,
}: {
  readonly id: string
  readonly before: string
  readonly after: string
  readonly outside: string
}): void {
  if (after === '') {
    assert.equal(outside, before.slice(0, -1), `bytes of ${id}`)
    return
  }
  const rest = after.slice(0, -1)
  const gap = outside.slice(before.length, outside.length - rest.length)
  assert.equal(outside, before + gap + rest, `bytes of ${id}`)
  const comma = before !== '{' && rest.trim() !== ''
  assert.match(
    gap,
    comma ? /^[ \t\r\n]*,[ \t\r\n]*$/ : /^[ \t\r\n]*$/,
    `where @metadata stood in ${id}`,
  )
}
