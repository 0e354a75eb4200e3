import {
  bolt,
  boltCodec,
  builtins,
  dubbo,
  dubboCodec,
  http1,
  motan,
  motanCodec,
  redis,
  tars,
  tarsCodec,
  thrift,
  thriftCodec,
} from '@tulle/proxy'
import { codecTarget } from './fuzz-codec.ts'
import { hpackTarget } from './fuzz-hpack.ts'
import { http2ClientTarget, http2ServerTarget } from './fuzz-http2.ts'
import type { FuzzTarget } from './fuzz-run.ts'
import { serverTarget } from './fuzz-session.ts'
import { httpTongueTarget, tongueTarget } from './fuzz-tongues.ts'
import { http1Requests } from './http1-samples.ts'
import { readVectors } from './vectors.ts'

const protocols = new URL('../../proxy/src/protocol/', import.meta.url)

/** Every reader of strangers' bytes, one line each. */
export const targets: readonly FuzzTarget[] = [
  codecTarget(boltCodec, vectors('bolt')),
  serverTarget(bolt, vectors('bolt')),
  codecTarget(dubboCodec, vectors('dubbo')),
  serverTarget(dubbo, vectors('dubbo')),
  codecTarget(motanCodec, vectors('motan')),
  serverTarget(motan, vectors('motan')),
  codecTarget(tarsCodec, vectors('tars')),
  serverTarget(tars, vectors('tars')),
  codecTarget(thriftCodec, vectors('thrift')),
  serverTarget(thrift, vectors('thrift')),
  serverTarget(redis, vectors('redis')),
  serverTarget(http1, http1Requests),
  hpackTarget,
  http2ServerTarget,
  http2ClientTarget,
  await tongueTarget(bolt, boltCodec, vectors('bolt'), true),
  await tongueTarget(dubbo, dubboCodec, vectors('dubbo'), true),
  await tongueTarget(motan, motanCodec, vectors('motan'), true),
  await tongueTarget(tars, tarsCodec, vectors('tars')),
  await tongueTarget(thrift, thriftCodec, vectors('thrift')),
  ...(await Promise.all(builtins.dialects.parts.map(httpTongue))),
]

async function httpTongue({ name, transcoder }: (typeof builtins.dialects.parts)[number]) {
  return httpTongueTarget(name, await transcoder())
}

function vectors(protocol: string): readonly Buffer[] {
  return [...readVectors(new URL(`${protocol}/vectors/`, protocols)).values()]
}
