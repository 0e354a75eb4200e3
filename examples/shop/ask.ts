/**
 * A gRPC client: `ask.ts ADDRESS FRUIT` asks for the price of a fruit; `ask.ts ADDRESS FRUIT CA_FILE` does so over TLS.
 */
import { readFileSync } from 'node:fs'
import { credentials } from '@grpc/grpc-js'
import { Prices, type PricesClient } from './grpc.ts'

const TIMEOUT_MS = 3000
const [address, fruit, ca] = process.argv.slice(2)
if (address === undefined || fruit === undefined) {
  process.stderr.write('ask: which address and which fruit? ask.ts 127.0.0.1:18000 apple\n')
  process.exit(1)
}
const how =
  ca === undefined ? credentials.createInsecure() : credentials.createSsl(readFileSync(ca))
const client = new Prices(address, how) as unknown as PricesClient
client.get({ fruit }, { deadline: Date.now() + TIMEOUT_MS }, (error, price) => {
  client.close()
  if (error === null) process.stdout.write(`${JSON.stringify(price)}\n`)
  else {
    process.stderr.write(`ask: ${error.message}\n`)
    process.exitCode = 1
  }
})
