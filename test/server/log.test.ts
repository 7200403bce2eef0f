import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logTo } from '#server/log.ts'

function linesOf(level: string, work: (log: ReturnType<typeof logTo>) => void) {
  const lines: string[] = []
  work(logTo({ write: (line) => void lines.push(line) }, level))
  return lines.map((line) => JSON.parse(line))
}

test('logTo() writes one JSON object a line, with time, level as a word, and its stream', () => {
  const [line] = linesOf('info', (log) => log.info({ database: 'orders' }, 'Opened'))
  assert.equal(line.stream, 'log')
  assert.equal(line.level, 'info')
  assert.equal(line.message, 'Opened')
  assert.equal(line.database, 'orders')
  assert(!Number.isNaN(Date.parse(line.time)))
})

test('logTo() leaves out what is below its level, and everything when it is off', () => {
  const said = (log: ReturnType<typeof logTo>) => {
    log.info('a')
    log.error('b')
  }
  assert.deepEqual(
    linesOf('warn', said).map(({ message }) => message),
    ['b'],
  )
  assert.deepEqual(linesOf('silent', said), [])
})
