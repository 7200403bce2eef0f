/** Ports for programs that must be told theirs: free a moment ago, both for TCP and for UDP. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export async function freePort(address: string): Promise<number> {
  const listener = createServer()
  const datagrams = createSocket('udp4')
  try {
    listener.listen(0, address)
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    datagrams.bind(port, address)
    await once(datagrams, 'listening')
    return port
  } finally {
    listener.close()
    datagrams.close()
  }
}
