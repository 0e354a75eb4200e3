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

/** The SOFARPC service that stock provides; its method `count` takes the name of a fruit and gives a `Stock`. */
export const STOCK_SERVICE = { interfaceName: 'com.tulle.shop.Stock', version: '1.0' } as const
