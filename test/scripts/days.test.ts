import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { dateVariables, days, onDay, shifter } from '#scripts/days.mjs'
import { isThere } from '#scripts/debian.mjs'

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
  const [day] = days
  const ahead = onDay(day, Date.parse(day.at) - 90_000)
  assert.deepEqual([ahead.FAKETIME, ahead.TZ], ['+90s', 'Europe/Berlin'])
  assert.equal(ahead.FAKETIME_DONT_FAKE_MONOTONIC, '1')
  assert.equal(onDay(day, Date.parse(day.at) + 90_000).FAKETIME, '-90s')
})

test('onDay() is believed by Node and by what it starts with date variables alone', (t) => {
  if (!isThere(shifter)) return t.skip(`${shifter} is missing`)
  const script = `
    const { dateVariables } = await import(${JSON.stringify(import.meta.resolve('#scripts/days.mjs'))})
    const { spawnSync } = await import('node:child_process')
    const child = spawnSync(process.execPath, ['-p', 'Date.now()'], { env: dateVariables(process.env), encoding: 'utf8' })
    console.log(Date.now(), child.stdout.trim())`
  // This test itself may run on another day.
  const today = Date.now() - Number(process.env.FAKETIME?.slice(0, -1) ?? 0) * 1000
  for (const day of days) {
    const env = { ...process.env, ...onDay(day, today) }
    const args = ['--input-type=module', '--eval', script]
    const { stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
    for (const seen of stdout.trim().split(' '))
      assert.ok(Math.abs(Number(seen) - Date.parse(day.at)) < 60_000, `${day.id}: ${stdout}`)
  }
})

test('dateVariables() takes what shifts the date, and nothing else', () => {
  const all = { LD_PRELOAD: 'x.so', FAKETIME: '+1s', PATH: '/bin' }
  assert.deepEqual(dateVariables(all), { LD_PRELOAD: 'x.so', FAKETIME: '+1s' })
  assert.deepEqual(dateVariables({ PATH: '/bin' }), {})
})
