/** The yardstick: nothing but `node:https` with client certificates and an answer of 1 KB. Arguments: files of certificate and key. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [cert = '', key = ''] = process.argv.slice(2)
const answer = Buffer.from(JSON.stringify({ hello: 'x'.repeat(1012) }))
const server = createServer(
  {
    cert: readFileSync(cert),
    key: readFileSync(key),
    requestCert: true,
    rejectUnauthorized: false,
  },
  (_, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('content-length', answer.length)
    response.end(answer)
  },
)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object')
    process.stdout.write(`available on: https://localhost:${address.port}\n`)
})
