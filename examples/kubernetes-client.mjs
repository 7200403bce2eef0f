/**
 * The official RavenDB client with the Secret of a StrongroomCertificate: in a pod that mounts it, or outside through
 * `kubectl port-forward service/vault 8443` with the files copied out of it.
 *
 * Arguments, all optional: URL of the server, folder with the Secret's files, name of the database.
 */
import { readFileSync } from 'node:fs'
import { DocumentStore } from 'ravendb'

const [url = 'https://localhost:8443', secret = '/certificate', database = 'orders'] =
  process.argv.slice(2)

const store = new DocumentStore(url, database)
store.authOptions = {
  type: 'pem',
  certificate: readFileSync(`${secret}/client.pem`),
  // What verifies the server.
  ca: readFileSync(`${secret}/ca.crt`),
}
store.initialize()

const writing = store.openSession()
await writing.store({ customer: 'customers/7', total: 12.5 }, 'orders/7')
await writing.saveChanges()

const loaded = await store.openSession().load('orders/7')
console.log(JSON.stringify(loaded))
store.dispose()
