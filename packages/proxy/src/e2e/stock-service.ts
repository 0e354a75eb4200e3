import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'
import protobuf from 'protobufjs'

/** For tests: the service as gRPC's own tools read it from its .proto. */
const PROTO = `
  syntax = "proto3";
  package shop;
  message Item {
    string sku = 1;
    int32 count = 2;
    int64 cents = 3;
    repeated string tags = 4;
    map<string, double> marks = 5;
  }
  message Sku { string sku = 1; }
  message Taking { string sku = 1; int32 count = 2; }
  message Number { int32 result = 1; }
  message Truth { bool result = 1; }
  service Stock {
    rpc Find(Sku) returns (Item);
    rpc Put(Item) returns (Number);
    rpc Take(Taking) returns (Truth);
  }
`

const { root } = protobuf.parse(PROTO, { keepCase: true })
const loaded = fromJSON(root.toJSON(), { longs: String, defaults: true })
const service = loaded['shop.Stock'] as ServiceDefinition

/** A server of the stock on a free port. */
export async function stockHost(
  methods: UntypedServiceImplementation,
): Promise<{ readonly port: number; close(): void }> {
  const server = new Server()
  server.addService(service, methods)
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  return { port, close: () => server.forceShutdown() }
}

/** What a server of the stock is asked. */
export type StockCall = ServerUnaryCall<Record<string, unknown>, unknown>

/** A server of the stock that says this of any item. `hold` is called before each answer, and calls when it may leave. */
export async function itemHost(
  item: unknown,
  hold: (answer: () => void) => void = (answer) => answer(),
): Promise<{ readonly port: number; readonly asked: readonly StockCall[]; close(): void }> {
  const asked: StockCall[] = []
  const say = (answer: unknown) => (call: StockCall, done: sendUnaryData<unknown>) => {
    asked.push(call)
    hold(() => done(null, answer))
  }
  const host = await stockHost({
    Find: say(item),
    Put: say({ result: 1 }),
    Take: say({ result: true }),
  })
  return { ...host, asked }
}

/** A client of the stock. */
export function stockClient(port: number): {
  call(method: string, request: unknown, metadata?: Record<string, string>): Promise<unknown>
  close(): void
} {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  return {
    call: (method, request, metadata = {}) => {
      const { path, requestSerialize, responseDeserialize } = service[method]!
      const told = new Metadata()
      for (const [name, value] of Object.entries(metadata)) told.set(name, value)
      return new Promise((resolve, reject) =>
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          told,
          (error, answer) => (error ? reject(error) : resolve(answer)),
        ),
      )
    },
    close: () => client.close(),
  }
}
