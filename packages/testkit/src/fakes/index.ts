export * from './fake-chain.ts'
export * from './fake-protocol.ts'
export * from './fake-session.ts'
