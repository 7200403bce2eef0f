import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { blocksOf, missingLine, openShell } from './guide.ts'

const page = `# A guide

## First

\`\`\`sh
echo one
\`\`\`

\`\`\`text
one
\`\`\`

\`\`\`console
never run
\`\`\`

## Second

\`\`\`sh
echo two
\`\`\`
`

test('blocksOf() takes blocks marked sh with their headings, and what they show', () => {
  assert.deepEqual(blocksOf(page), [
    { name: 'First (line 5)', commands: 'echo one\n', shows: ['one'] },
    { name: 'Second (line 19)', commands: 'echo two\n', shows: [] },
  ])
})

test('missingLine() wants every line in its order, with gaps and any white space', () => {
  const output = 'NAME   READY\nvault  True\nSecret "x" (fingerprint 7) is gone'
  assert.equal(missingLine(output, ['vault True', 'Secret "x" … is gone']), undefined)
  assert.equal(missingLine(output, ['Secret', 'vault True']), 'vault True')
  assert.equal(missingLine(output, ['vault Tru.']), 'vault Tru.')
})

test('openShell() keeps variables, functions and folders from block to block', async () => {
  await using shell = openShell(tmpdir(), process.env)
  await shell.run('name=vault; say() { echo "it is $name"; }')
  assert.match(await shell.run('say'), /it is vault/)
})

test('openShell() fails where a command does, and leaves no background job behind', async () => {
  await using shell = openShell(tmpdir(), process.env)
  await shell.run('sleep 60 &')
  await assert.rejects(
    shell.run('echo before; false; echo after'),
    /The commands failed:\n.*before\n$/,
  )
  await assert.rejects(shell.run('true'), /failed/)
})
