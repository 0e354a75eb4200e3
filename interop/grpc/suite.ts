import { type Certificates, makeCertificates, openssl } from '../certificates.ts'
import { type Check, makeChecks } from '../checks.ts'
import { buildGo, go } from '../go/go.ts'
import { npmPackage } from '../need.ts'
import { freePort } from '../process.ts'
import type { Suite } from '../suite.ts'
import { startTulle, type Tulle } from '../tulle.ts'
import { interopCases } from './cases.ts'
import { Clients } from './client.ts'
import { grpcConfig } from './config.ts'
import { GO_CLIENT, GO_SERVER, goCases, startGoServer } from './grpc-go.ts'
import { proxyChecks } from './proxy-checks.ts'
import { startTestServer } from './server.ts'
import { webChecks } from './web.ts'

/** Clients and servers of grpc-js and grpc-go, and gRPC-Web. */
export const suite: Suite = {
  name: 'grpc',
  needs: [go, openssl, npmPackage('@grpc/grpc-js', 'grpc')],
  async run() {
    await using stack = new AsyncDisposableStack()
    const programs = await buildGo(GO_CLIENT, GO_SERVER)
    stack.defer(programs.remove)
    const certificates = await makeCertificates()
    stack.defer(certificates.remove)
    const js = await startTestServer()
    stack.defer(js.stop)
    const startGo = async (tls = false): ReturnType<typeof startGoServer> => {
      const server = await startGoServer(programs.path(GO_SERVER), tls ? certificates.server : null)
      stack.defer(server.stop)
      return server
    }
    const [plain, tls, asked] = [await startGo(), await startGo(true), await startGo()]
    const ports = { js: js.port, go: plain.port, goTls: tls.port, asked: asked.port }
    const tulle = await startTulle(grpcConfig({ ...ports, nobody: await freePort() }, certificates))
    stack.defer(tulle.stop)

    const client = (listener: string, ca: string | null = null): Clients => {
      const clients = new Clients(tulle.port(listener), ca)
      stack.defer(() => clients.close())
      return clients
    }
    const ways = {
      js: client('js'),
      late: client('late'),
      nobody: client('nobody'),
      lost: client('lost'),
      again: client('again'),
      healthy: client('healthy'),
    }
    return await makeChecks([
      ...passing(client, tulle, programs.path(GO_CLIENT), certificates),
      ...proxyChecks(ways, js, asked),
      ...webChecks(`http://127.0.0.1:${tulle.port('web')}`),
    ])
  },
}

/** The same cases, by each client to each server. */
function passing(
  client: (listener: string, ca?: string | null) => Clients,
  tulle: Tulle,
  goClient: string,
  { ca }: Certificates,
): Check[] {
  return [
    ...goCases('go → go', goClient, tulle.port('go')),
    ...goCases('go → TLS → go', goClient, tulle.port('go-tls'), ca),
    ...goCases('go → js', goClient, tulle.port('js')),
    ...interopCases('js → go', client('go')),
    ...interopCases('js → TLS → go', client('go-tls', ca)),
    ...interopCases('js → js', client('js')),
    ...interopCases('js in the clear → one port → js', client('one')),
    ...interopCases('js over TLS → one port → js', client('one', ca)),
  ]
}
