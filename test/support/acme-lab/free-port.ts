/** Ports for programs that must be told theirs: free a moment ago, both for TCP and for UDP. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export async function freePort(address: string): Promise<number> {
  // What is free for TCP may be somebody's for UDP: then another.
  for (let tries = 1; tries < triesMax; tries += 1) {
    const port = await portFreeForBoth(address).catch(() => undefined)
    if (port !== undefined) return port
  }
  return portFreeForBoth(address)
}

const triesMax = 20

async function portFreeForBoth(address: string): Promise<number> {
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
