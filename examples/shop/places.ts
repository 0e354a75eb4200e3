/** What members of the shop do. */
export const TRADES = ['front', 'price', 'stock', 'parcel'] as const
export type Trade = (typeof TRADES)[number]

/** A member of the shop: an application and the sidecar in front of it. */
export interface Place {
  readonly name: string
  readonly trade: Trade
  /** The first of the ports that are its own. */
  readonly base: number
  /** Where its sidecar takes what comes in. */
  readonly inbound: number
  /** Where the application itself listens; nobody but its sidecar calls it there. */
  readonly app: number
  /** Where it listens for gRPC; only a price service does. */
  readonly grpc: number
  /** Its sidecar's page. */
  readonly admin: number
}

/** Where the shop lives when nobody says otherwise; the ports in the configurations of `sidecars/` are those. */
export const DEFAULT_BASE = 18000
/** Ports a member has for itself and its sidecar. */
export const PORTS_OF_ONE = 10
/** Ports the shop needs from the base on. */
export const PORTS = 70

/** Who calls whom, and by which listener of its own sidecar, counted from its base. */
const OUTBOUND: Readonly<Record<Trade, Readonly<Partial<Record<Trade, number>>>>> = {
  front: { price: 2, stock: 3, parcel: 4 },
  price: {},
  stock: { price: 2 },
  parcel: { stock: 2 },
}

/** Everybody in the shop, front first. */
export function placesFrom(base: number): readonly Place[] {
  return [
    place('front', 'front', base),
    place('stock-1', 'stock', base + 10),
    place('stock-2', 'stock', base + 20),
    place('price-1', 'price', base + 30),
    place('price-2', 'price', base + 40),
    place('parcel-1', 'parcel', base + 50),
    place('parcel-2', 'parcel', base + 60),
  ]
}

/** Where a member calls other services: listeners of its own sidecar, which knows the instances. */
export function outboundPorts({ trade, base }: Place): readonly number[] {
  return Object.values(OUTBOUND[trade]).map((n) => base + n)
}

/** Every port somebody in the shop will listen on, with whose it is. */
export function portsOf(places: readonly Place[]): readonly (readonly [number, string])[] {
  return places.flatMap((place) => {
    const { name, trade, inbound, app, grpc, admin } = place
    const sidecar = [inbound, ...outboundPorts(place), admin].map(
      (port) => [port, `${name}'s sidecar`] as const,
    )
    const own = trade === 'price' ? [app, grpc] : [app]
    return [...sidecar, ...own.map((port) => [port, name] as const)]
  })
}

function place(name: string, trade: Trade, base: number): Place {
  return { name, trade, base, inbound: base, app: base + 1, grpc: base + 2, admin: base + 9 }
}
