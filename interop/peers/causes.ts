/** Why two foreign peers fail a case without us. */
export interface Cause {
  /** The peer's name, or `*` for any. */
  readonly client: string
  readonly server: string
  /** The case, or `*` for all: two that never come together are not asked at all. */
  readonly name: string
  readonly why: string
  /** It may also hold. Without this, a cause is held against the direct path, and one that is not true any more is red. */
  readonly sometimes?: true
}

export const causes: readonly Cause[] = [
  {
    client: 'sofa-rpc',
    server: 'sofa-rpc-node',
    name: 'exception',
    why: 'sofa-rpc-node answers with an exception of a class that SOFARPC does not have',
  },
  {
    client: 'dubbo 3.3 fastjson2',
    server: 'dubbo 2.7',
    name: '*',
    why: 'Dubbo 2.7 does not know fastjson2',
  },
  {
    client: 'dubbo 3.3 fastjson2',
    server: 'dubbo-remoting',
    name: '*',
    why: 'dubbo-remoting does not know fastjson2',
  },
  {
    client: '*',
    server: 'dubbo-remoting',
    name: 'callback',
    why: 'dubbo-remoting has no callback arguments',
  },
  {
    client: '*',
    server: 'dubbo 3.3 tri',
    name: 'concurrent',
    why: 'Dubbo leaves out the three bytes of a header block when it answers many calls at once',
    sometimes: true,
  },
  {
    client: 'dubbo 3.3 wrapped',
    server: 'dubbo 3.3 wrapped',
    name: 'concurrent',
    why: 'Dubbo cancels some of many calls at once on a busy machine, also where nothing is between',
    sometimes: true,
  },
  {
    client: 'dubbo-js grpc',
    server: 'dubbo 3.3 tri',
    name: 'exception',
    why: 'Dubbo answers with the HTTP status 500, and dubbo-js does not look at the status of gRPC then',
  },
  {
    client: 'grpc-go',
    server: 'dubbo 3.3 tri',
    name: 'exception',
    why: 'Dubbo answers with the HTTP status 500, and grpc-go does not look at the status of gRPC then',
  },
  {
    client: 'grpc-go',
    server: 'dubbo 3.3 tri',
    name: 'large',
    why: 'Dubbo sends 65,536 bytes on a stream whose window is 65,535',
    sometimes: true,
  },
  {
    client: 'motan-java hessian2',
    server: 'motan-go',
    name: '*',
    why: 'motan-go does not know hessian2',
  },
  {
    client: 'thrift-go header compact',
    server: 'thrift-node header',
    name: 'concurrent',
    why: 'thrift for Node takes a part of a THeader frame for a compact message without one',
    sometimes: true,
  },
]

/** What is known of this case of the two; null when nothing is. */
export function causeOf(client: string, server: string, name: string): Cause | null {
  const is = (said: string, meant: string): boolean => said === '*' || said === meant
  return (
    causes.find((it) => is(it.client, client) && is(it.server, server) && is(it.name, name)) ?? null
  )
}

/** Why the two do not come together in any case; null when they are to be asked. */
export function neverOf(client: string, server: string): string | null {
  const it = causes.find((it) => it.client === client && it.server === server && it.name === '*')
  return it?.why ?? null
}
