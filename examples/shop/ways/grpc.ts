import { credentials } from '@grpc/grpc-js'
import { Prices, type PricesClient } from '../grpc.ts'
import { TIMEOUT_MS, type Way } from '../ways.ts'

/** What the client does not do itself, sidecars do; a lost one it tries again soon. */
const OPTIONS = { 'grpc.enable_retries': 0, 'grpc.max_reconnect_backoff_ms': 1000 }

/** gRPC, which asks the price service, with nobody but sidecars in between. */
export function grpc(base: string): Way {
  const { host } = new URL(base)
  const client = new Prices(host, credentials.createInsecure(), OPTIONS) as unknown as PricesClient
  return {
    name: 'gRPC',
    ask(fruit, end) {
      client.get({ fruit }, { deadline: Date.now() + TIMEOUT_MS }, (error, price) => {
        if (error !== null) end({ why: error.message })
        else end({ from: [price?.from ?? 'nobody'] })
      })
    },
  }
}
