/**
 * TLS-ALPN-01 (RFC 8737) on a listener that serves others: while a name is being proven, the first words of each caller are read before
 * TLS sees them. Who offers exactly `acme-tls/1` and asks for that name gets the challenge's certificate and nothing else; everybody
 * else goes to the ordinary side as if nobody had looked. While no name is being proven, nobody looks.
 *
 * It has to be so early: a certificate that is chosen in the callback for ALPN is ignored on TLS 1.3 once the one for names has
 * answered, and that one is not told the protocols.
 */
import assert from 'node:assert/strict'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import { createServer, type Server as TlsServer } from 'node:tls'
import { acmeProtocol } from '#shared/acme/tls-alpn01-certificate.ts'
import type { Challenges } from './challenges.ts'
import { type ClientHello, type Peeked, readClientHello } from './client-hello.ts'

/** `handshakeMs`: who has not said his first words by then is cut, as in any handshake. */
export function answerChallenges(
  server: Server,
  challenges: Pick<Challenges, 'isEmpty' | 'contextFor'>,
  handshakeMs: number,
): void {
  const [secure, ...others] = server.listeners('connection')
  assert(secure !== undefined && others.length === 0, 'it has the listener of TLS and no other yet')
  const door = challengeServer(challenges, handshakeMs)
  const isForDoor = ({ protocols, serverName }: ClientHello) =>
    protocols.length === 1 &&
    protocols[0] === acmeProtocol &&
    challenges.contextFor(serverName ?? '') !== undefined
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    if (challenges.isEmpty) secure.call(server, socket)
    else
      firstWords(socket, handshakeMs, (seen) => {
        if (seen.kind === 'hello' && isForDoor(seen)) door.emit('connection', socket)
        else secure.call(server, socket)
      })
  })
}

/** Never listens: it is handed connections. They end when they are open, which is all that the CA wants. */
function challengeServer(challenges: Pick<Challenges, 'contextFor'>, handshakeMs: number) {
  const server: TlsServer = createServer(
    {
      SNICallback: (name, answer) => answer(null, challenges.contextFor(name)),
      ALPNProtocols: [acmeProtocol],
      handshakeTimeout: handshakeMs,
      minVersion: 'TLSv1.2',
    },
    (socket) => {
      socket.on('error', () => socket.destroy())
      socket.destroySoon()
    },
  )
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}

/** Calls back with what the caller said first, once, with all of it back in the socket. */
function firstWords(socket: Socket, withinMs: number, decided: (seen: Peeked) => void): void {
  const parts: Buffer[] = []
  const timer = setTimeout(() => socket.destroy(), withinMs)
  const gone = (): void => {
    clearTimeout(timer)
    socket.off('readable', look).off('end', ended).off('close', gone)
  }
  const ended = (): void => void socket.destroy()
  const look = (): void => {
    const part: Buffer | null = socket.read()
    if (part === null) return
    parts.push(part)
    const bytes = Buffer.concat(parts)
    const seen = readClientHello(bytes)
    if (seen.kind === 'more') return
    gone()
    socket.unshift(bytes)
    decided(seen)
  }
  socket.on('readable', look).on('end', ended).on('close', gone)
}
