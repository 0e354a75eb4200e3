const BASE = 'application/grpc-web'
const TYPE = /^application\/grpc-web(?:-text)?(?:\+[\w.-]+)?(?=$|[\s;,])/

/** The media type of gRPC-Web that a content-type, or an `accept` before all others, names; null: another. */
export function grpcWebType(value: string | undefined): string | null {
  if (value === undefined || value.length < BASE.length) return null
  return TYPE.exec(value.toLowerCase())?.[0] ?? null
}

/** Whether bodies of a media type of gRPC-Web are base64. */
export function isGrpcWebText(type: string): boolean {
  return type.startsWith('-text', BASE.length)
}

/** gRPC's own type for a media type of gRPC-Web: `application/grpc+proto`. */
export function grpcTypeOf(type: string): string {
  const plus = type.indexOf('+')
  return plus < 0 ? 'application/grpc' : `application/grpc${type.slice(plus)}`
}
