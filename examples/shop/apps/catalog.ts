/** What the shop sells: pieces in stock, and the price of one in cents. */
export const CATALOG = {
  apple: { left: 120, cents: 45 },
  cherry: { left: 900, cents: 8 },
  pear: { left: 75, cents: 60 },
} as const satisfies Readonly<Record<string, { left: number; cents: number }>>

export type Fruit = keyof typeof CATALOG

export function isFruit(name: string): name is Fruit {
  return Object.hasOwn(CATALOG, name)
}

/** What stock answers: how many pieces there are, and which instance says so. */
export interface Stock {
  readonly left: number
  readonly from: string
}

/** What price answers: cents, and which instance says so. */
export interface Price {
  readonly cents: number
  readonly from: string
}

/** What stock answers of a shelf: the pieces on it, and the price that stands there. */
export interface Shelf extends Stock {
  readonly price: Price
}

/** What parcel answers: what so many pieces cost, and whether there are as many. */
export interface Quote {
  readonly fruit: string
  readonly pieces: number
  readonly cents: number
  readonly enough: boolean
  readonly shelf: Shelf
  readonly from: string
}

/** The service that stock provides over Bolt: `count(fruit)` gives a `Stock`, `shelf(fruit)` a `Shelf`. */
export const STOCK_SERVICE = { interfaceName: 'com.tulle.shop.Stock', version: '1.0' } as const

/** The service that parcel provides over Dubbo: `quote(fruit, pieces)` gives a `Quote`. */
export const PARCEL_SERVICE = { interfaceName: 'com.tulle.shop.Parcels', version: '1.0' } as const

/** The price service, as stock knows it: `get(fruit)` gives a `Price`. Nobody provides it over Bolt. */
export const PRICE_SERVICE = { interfaceName: 'com.tulle.shop.Price', version: '1.0' } as const

/** What is said to whoever asks for something else. */
export function notSold(name: string): string {
  return `we sell ${Object.keys(CATALOG).join(', ')}, not ${name}`
}
