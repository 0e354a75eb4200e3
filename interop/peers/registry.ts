import { join } from 'node:path'
import { go } from './go-program.ts'
import { java } from './java-program.ts'
import { node, nodeWith } from './node-program.ts'
import type { Peer } from './peer.ts'
import type { Program } from './program.ts'

const dubboJs = (shape: string): Program =>
  nodeWith('@apachedubbo/dubbo-node', 'dubbo-js/peer.ts', shape)

const ECHO_PROTO = join(import.meta.dirname, 'echo.proto')

/** Every peer, one line each. */
export const peers: readonly Peer[] = [
  { protocol: 'bolt', name: 'sofa-rpc', program: java('sofa') },
  { protocol: 'bolt', name: 'sofa-rpc-node', program: node('sofa-rpc-node.ts') },
  { protocol: 'dubbo', name: 'dubbo 2.7', program: java('dubbo2') },
  { protocol: 'dubbo', name: 'dubbo 3.3', program: java('dubbo3', 'dubbo', 'hessian2') },
  {
    protocol: 'dubbo',
    name: 'dubbo 3.3 fastjson2',
    program: java('dubbo3', 'dubbo', 'fastjson2'),
    only: 'client',
  },
  { protocol: 'dubbo', name: 'dubbo-remoting', program: node('dubbo-remoting.ts') },
  { protocol: 'dubbo', name: 'dubbo2.js', program: node('dubbo2-js.ts'), only: 'client' },
  { protocol: 'tri', name: 'dubbo 3.3 wrapped', program: java('dubbo3', 'tri', 'hessian2') },
  // Java takes protobuf in gRPC's shape alone, and answers this one with 415.
  { protocol: 'tri-http', name: 'dubbo-js', program: dubboJs('tri') },
  { protocol: 'grpc', name: 'grpc-js', program: node('grpc-js.ts') },
  { protocol: 'grpc', name: 'dubbo-js grpc', program: dubboJs('grpc') },
  { protocol: 'grpc', name: 'dubbo 3.3 tri', program: java('dubbo3', 'tri', 'protobuf') },
  { protocol: 'grpc', name: 'grpc-go', program: go('grpc', ECHO_PROTO) },
  { protocol: 'motan2', name: 'motan-java', program: java('motan', 'motan2') },
  {
    protocol: 'motan2',
    name: 'motan-java hessian2',
    program: java('motan', 'motan2-hessian2'),
    only: 'client',
  },
  { protocol: 'motan2', name: 'motan-go', program: go('motan') },
  { protocol: 'motan1', name: 'motan-java v1', program: java('motan', 'motan1') },
  { protocol: 'tars', name: 'tars-java', program: java('tars') },
  { protocol: 'tars', name: 'tars-node', program: node('tars.ts') },
  { protocol: 'thrift', name: 'thrift-java', program: java('thrift', 'binary') },
  { protocol: 'thrift', name: 'thrift-node', program: node('thrift.ts', 'binary') },
  { protocol: 'thrift', name: 'thrift-go', program: go('thrift', 'binary') },
  { protocol: 'thrift', name: 'kitex framed', program: go('kitex', 'framed') },
  { protocol: 'thrift-compact', name: 'thrift-java compact', program: java('thrift', 'compact') },
  {
    protocol: 'thrift-compact',
    name: 'thrift-node compact',
    program: node('thrift.ts', 'compact'),
  },
  { protocol: 'thrift-compact', name: 'thrift-go compact', program: go('thrift', 'compact') },
  { protocol: 'theader', name: 'thrift-node header', program: node('thrift.ts', 'header') },
  { protocol: 'theader', name: 'thrift-go header', program: go('thrift', 'header') },
  {
    protocol: 'theader',
    name: 'thrift-go header compact',
    program: go('thrift', 'header-compact'),
    only: 'client',
  },
  { protocol: 'ttheader', name: 'kitex', program: go('kitex', 'ttheader') },
  {
    protocol: 'ttheader',
    name: 'kitex ttheader framed',
    program: go('kitex', 'ttheader-framed'),
    only: 'client',
  },
  { protocol: 'ttheader-mux', name: 'kitex mux', program: go('kitex', 'ttheader-mux') },
]
