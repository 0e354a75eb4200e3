import type { Fruit, Price, Quote, Stock } from './catalog.ts'

/** What front knows of a fruit, and who told it. */
export interface Offer {
  readonly fruit: Fruit
  readonly price: Price
  readonly stock: Stock
  /** What a dozen costs in a parcel. */
  readonly dozen: Quote
}

/** The page: every fruit with its price and stock, asked for anew every second. */
export function page(offers: readonly Offer[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="1">
<title>The shop</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; margin: 3rem auto; max-width: 52rem; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ddd }
  small { color: #666 }
</style>
</head>
<body>
<h1>The shop</h1>
<table>
<tr><th>Fruit</th><th>Price</th><th>In stock</th><th>A dozen</th></tr>
${offers.map(row).join('\n')}
</table>
<p><small>Prices are asked for over HTTP, stock over SOFARPC, a dozen as JSON of a Dubbo service, which asks stock as if
that spoke Dubbo, which asks price as if that spoke Bolt. Every call crosses two sidecars. The names tell which instance
answered.</small></p>
</body>
</html>
`
}

function row({ fruit, price, stock, dozen }: Offer): string {
  const { shelf } = dozen
  return `<tr><td><a href="/fruits/${fruit}">${fruit}</a></td>
<td>${euros(price.cents)} <small>${price.from}</small></td><td>${stock.left} <small>${stock.from}</small></td>
<td>${euros(dozen.cents)} <small>${dozen.from}, ${shelf.from}, ${shelf.price.from}</small></td></tr>`
}

function euros(cents: number): string {
  return (cents / 100).toFixed(2)
}
