import type { Fruit, Price, Stock } from './catalog.ts'

/** What front knows of a fruit, and who told it. */
export interface Offer {
  readonly fruit: Fruit
  readonly price: Price
  readonly stock: Stock
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
  body { font: 16px/1.6 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ddd }
  small { color: #666 }
</style>
</head>
<body>
<h1>The shop</h1>
<table>
<tr><th>Fruit</th><th>Price</th><th>In stock</th></tr>
${offers.map(row).join('\n')}
</table>
<p><small>Prices are asked for over HTTP, stock over SOFARPC, and every call crosses two sidecars.
The names tell which instance answered.</small></p>
</body>
</html>
`
}

function row({ fruit, price, stock }: Offer): string {
  const euros = (price.cents / 100).toFixed(2)
  return `<tr><td><a href="/fruits/${fruit}">${fruit}</a></td>
<td>${euros} <small>${price.from}</small></td><td>${stock.left} <small>${stock.from}</small></td></tr>`
}
