import { fileURLToPath } from 'node:url'
import {
  type Client,
  type GrpcObject,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { Price } from './apps/catalog.ts'

const PROTO = fileURLToPath(new URL('apps/prices.proto', import.meta.url))
const shop = (loadPackageDefinition(loadSync(PROTO)).tulle as GrpcObject).shop as GrpcObject

/** The gRPC service of prices, by its description in `apps/prices.proto`. */
export const Prices: ServiceClientConstructor = shop.Prices as ServiceClientConstructor

/** What `new Prices(address, credentials)` makes. */
export interface PricesClient extends Client {
  get(
    request: { readonly fruit: string },
    options: { readonly deadline: number },
    done: (error: Error | null, price?: Price) => void,
  ): void
}
