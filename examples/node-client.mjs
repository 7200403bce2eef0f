/**
 * The official RavenDB client on a running server: `npm start` in one terminal, `node examples/node-client.mjs` in another.
 *
 * Arguments, all optional: URL of the server, folder of its certificates, name of a database (made where it does not exist).
 */
import { readFileSync } from 'node:fs'
import { CreateDatabaseOperation, DocumentStore, GetDatabaseNamesOperation } from 'ravendb'

const [
  url = 'https://127.0.0.1:8443',
  certificates = 'strongroom-data/certificates',
  database = 'orders',
] = process.argv.slice(2)

const store = new DocumentStore(url, database)
store.authOptions = {
  // Or 'pem' with admin.pem. A PEM file must hold an RSA key in PKCS#1: with others, this client connects without a certificate.
  type: 'pfx',
  certificate: readFileSync(`${certificates}/admin.pfx`),
  // What verifies the server. Not needed where a public authority signed its certificate.
  ca: readFileSync(`${certificates}/ca.crt`),
}
store.initialize()

const databases = await store.maintenance.server.send(new GetDatabaseNamesOperation(0, 1000))
if (!databases.includes(database)) {
  await store.maintenance.server.send(new CreateDatabaseOperation({ databaseName: database }))
}

const writing = store.openSession()
const order = { customer: 'customers/7', lines: [{ product: 'Tea', price: 12.5 }] }
await writing.store(order, 'orders/1')
await writing.saveChanges()

const reading = store.openSession()
const loaded = await reading.load('orders/1')
console.log(JSON.stringify(loaded))
store.dispose()
