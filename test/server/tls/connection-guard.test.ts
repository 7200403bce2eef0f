import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { test } from 'node:test'
import { ConnectionGuard, networkOf } from '#server/tls/connection-guard.ts'

const bounds = {
  ...{ connectionsMax: 10, strangersMax: 6, strangersPerAddressMax: 3 },
  ...{ knownMax: 7, knownPerCallerMax: 4 },
}

/** A server that only says that somebody connected, and its guard. */
function world() {
  const server = new EventEmitter()
  const guard = new ConnectionGuard(bounds)
  guard.follow(server as unknown as Server)
  const closed: string[] = []
  let ports = 0
  const connect = (remoteAddress: string) => {
    ports += 1
    const name = `${remoteAddress} ${ports}`
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress,
      remotePort: ports,
      destroy: () => {
        closed.push(name)
        socket.emit('close')
      },
    })
    server.emit('connection', socket)
    return socket
  }
  return { guard, closed, connect }
}

test('ConnectionGuard closes the oldest stranger of an address that has too many', () => {
  const { closed, connect } = world()
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.1']) connect(address)
  assert.deepEqual(closed, [])
  connect('10.0.0.1')
  assert.deepEqual(closed, ['10.0.0.1 1'])
})

test('ConnectionGuard counts all addresses of an IPv6 network as one', () => {
  const { closed, connect } = world()
  for (let host = 1; host <= 4; host += 1) connect(`2001:db8::${host}`)
  assert.deepEqual(closed, ['2001:db8::1 1'])
})

test('ConnectionGuard keeps those who showed a certificate, whatever strangers do', () => {
  const { guard, closed, connect } = world()
  const kept = connect('10.0.0.1')
  guard.know(kept, 'AA')
  for (let host = 1; host <= 50; host += 1) connect(`10.0.1.${host}`)
  assert.ok(!closed.includes('10.0.0.1 1'))
  assert.deepEqual(guard.figures, { strangers: 6, known: 1 })
  guard.know(connect('10.0.2.1'), 'BB')
  assert.equal(
    guard.figures.known,
    2,
    'whoever comes is among the newest, and has time to say who he is',
  )
})

test('ConnectionGuard leaves room that no certificate can fill', () => {
  const { guard, closed, connect } = world()
  for (let count = 0; count < 8; count += 1) guard.know(connect('10.0.0.1'), 'AA')
  assert.equal(guard.figures.known, bounds.knownPerCallerMax)
  for (let count = 0; count < 8; count += 1) guard.know(connect('10.0.0.2'), `B${count}`)
  assert.equal(guard.figures.known, bounds.knownMax)
  assert.ok(closed.length > 0)
  const { known, strangers } = guard.figures
  assert.ok(known + strangers <= bounds.connectionsMax)
})

test('ConnectionGuard forgets what was closed', () => {
  const { guard, connect } = world()
  const sockets = Array.from({ length: 3 }, () => connect('10.0.0.1'))
  const [first] = sockets
  assert.ok(first)
  guard.know(first, 'AA')
  for (const socket of sockets) socket.emit('close')
  assert.deepEqual(guard.figures, { strangers: 0, known: 0 })
  guard.know(first, 'AA')
  assert.equal(guard.figures.known, 0)
})

for (const [address, network] of [
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1:2:3:4', 'fe80:0:0:0'],
] as const) {
  test(`networkOf() is ${network} for ${address}`, () => assert.equal(networkOf(address), network))
}
