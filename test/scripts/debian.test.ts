import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isThere, missingNeeds, needs, provide } from '#scripts/debian.mjs'

const openssl = needs.filter((need) => need.package === 'openssl')

test('missingNeeds() asks only for what the chosen phases need and the machine lacks', () => {
  assert.deepEqual(
    missingNeeds(['flows'], (file) => file !== 'openssl'),
    openssl,
  )
  assert.deepEqual(
    missingNeeds(['flows'], () => true),
    [],
  )
  assert.deepEqual(
    missingNeeds(['crash'], () => false),
    [],
  )
})

test('missingNeeds() asks for what builds a Kubernetes only where no Docker runs', () => {
  const names = (canBuild: boolean): string[] =>
    missingNeeds(['cluster'], () => false, canBuild).map((need) => need.package)
  assert.deepEqual(names(false), ['openssl', 'curl'])
  assert.deepEqual(names(true).slice(2, 5), ['runc', 'nftables', 'iproute2'])
})

test('isThere() finds programs on PATH and files by their path', () => {
  assert.equal(isThere('sh'), true)
  assert.equal(isThere('no-such-program'), false)
  assert.equal(isThere('/bin/sh'), true)
  assert.equal(isThere('/no/such/file'), false)
})

test('provide() names the packages and the command, and installs nothing on a machine of somebody', () => {
  const said: string[] = []
  provide(openssl, { may: false, tell: (line) => said.push(line), run: () => assert.fail() })
  assert.match(
    said.join('\n'),
    /package openssl \(.+\)\nInstall with: sudo apt-get install .*openssl$/,
  )
})

test('provide() names the packages before it installs them', () => {
  const steps: string[] = []
  const run = (command: string, args: string[]): boolean =>
    steps.push([command, ...args].join(' ')) > 0
  provide(openssl, { may: true, tell: (line) => steps.push(line), run })
  assert.match(String(steps[0]), /^Missing: Debian package openssl/)
  assert.deepEqual(steps.slice(1), [
    'Installing: openssl',
    'apt-get update --quiet',
    'apt-get install --yes --no-install-recommends openssl',
  ])
})

test('provide() says so when the packages could not be had', () => {
  const said: string[] = []
  provide(openssl, { may: true, tell: (line) => said.push(line), run: () => false })
  assert.match(String(said.at(-1)), /could not install openssl/)
})
