import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { dateVariables, days, onDay } from '#scripts/days.mjs'
import { isThere } from '#scripts/debian.mjs'

const now = Date.UTC(2026, 11, 1)

test('days are a leap day, the end of a year, summer time, and one past 2038', () => {
  const at = (id: string) => days.find((day) => day.id === id)?.at ?? ''
  assert.match(at('leap-day'), /-02-29T/)
  assert.match(at('year-end'), /-12-31T23:59:/)
  assert.ok(Date.parse(at('2039')) / 1000 > 2 ** 31)
  const summer = days.find((day) => day.id === 'summer')
  const offset = new Intl.DateTimeFormat('en', {
    timeZone: summer?.zone,
    timeZoneName: 'longOffset',
  })
  assert.notEqual(offset.format(Date.parse(summer?.at ?? '')).split('GMT')[1], '-05:00')
})

test('onDay() shifts by whole seconds, back as well, and leaves monotonic time alone', () => {
  const run = { command: 'node', args: ['a.ts'] }
  const [day] = days
  const { command, args, env } = onDay(day, { ...run, now: Date.parse(day.at) - 90_000 })
  assert.equal(command, 'faketime')
  assert.deepEqual(args, ['--exclude-monotonic', '-f', '+90s', 'node', 'a.ts'])
  assert.deepEqual(env, { TZ: 'Europe/Berlin' })
  assert.ok(onDay(day, { ...run, now: Date.parse(day.at) + 90_000 }).args.includes('-90s'))
})

test('onDay() is believed by Node and by what it starts with date variables alone', (t) => {
  if (!isThere('faketime')) return t.skip('faketime is missing')
  const script = `
    const { dateVariables } = await import(${JSON.stringify(import.meta.resolve('#scripts/days.mjs'))})
    const { spawnSync } = await import('node:child_process')
    const child = spawnSync(process.execPath, ['-p', 'Date.now()'], { env: dateVariables(process.env), encoding: 'utf8' })
    console.log(Date.now(), child.stdout.trim())`
  const args = ['--input-type=module', '--eval', script]
  for (const day of days) {
    const shifted = onDay(day, { command: process.execPath, args, now: Date.now() })
    const env = { ...process.env, ...shifted.env }
    const { stdout } = spawnSync(shifted.command, shifted.args, { env, encoding: 'utf8' })
    const [own, child] = stdout.trim().split(' ').map(Number)
    for (const seen of [own, child])
      assert.ok(Math.abs((seen ?? 0) - Date.parse(day.at)) < 60_000, `${day.id}: ${stdout}`)
  }
})

test('dateVariables() takes what shifts the date, and nothing else', () => {
  const all = {
    LD_PRELOAD: 'x.so',
    FAKETIME: '+1s',
    FAKETIME_SHARED: '/sem',
    PATH: '/bin',
    HOME: now.toString(),
  }
  assert.deepEqual(dateVariables(all), { LD_PRELOAD: 'x.so', FAKETIME: '+1s' })
  assert.deepEqual(dateVariables({ PATH: '/bin' }), {})
})
