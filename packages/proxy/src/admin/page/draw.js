/** Small tools for the page: elements, lists that keep their rows, and lines of the last minute. */

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id)
}

/** An element with attributes and children; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.filter((child) => child !== null))
  return made
}

/** Sets text only when it differs: selections survive, and nothing is laid out in vain. */
export function put(node, text) {
  const next = String(text)
  if (node.textContent !== next) node.textContent = next
}

/**
 * Makes the children of `parent` those of `items`, in their order; a child that stays keeps its element.
 * `create(item)` gives an object with `node` and `update(item)`.
 */
export function keep(parent, items, keyOf, create) {
  parent.kept ??= new Map()
  const gone = new Set(parent.kept.keys())
  let at = parent.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    gone.delete(key)
    const row = parent.kept.get(key) ?? create(item)
    parent.kept.set(key, row)
    row.update(item)
    if (row.node === at) at = at.nextElementSibling
    else parent.insertBefore(row.node, at)
  }
  for (const key of gone) {
    parent.kept.get(key).node.remove()
    parent.kept.delete(key)
  }
}

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 120
const HEIGHT = 28
const POINTS = 60

/** A line of the last minute, newest at the right edge. It says nothing that the figure beside it does not. */
export function sparkline() {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('class', 'spark')
  svg.setAttribute('aria-hidden', 'true')
  const area = document.createElementNS(SVG, 'path')
  const line = document.createElementNS(SVG, 'path')
  area.setAttribute('class', 'area')
  line.setAttribute('class', 'line')
  svg.append(area, line)
  return {
    node: svg,
    update(values) {
      const shown = values.slice(-POINTS)
      const step = WIDTH / (POINTS - 1)
      const top = Math.max(...shown, 1)
      const left = WIDTH - (shown.length - 1) * step
      const points = shown.map((value, i) => {
        const y = HEIGHT - 1.5 - (value / top) * (HEIGHT - 3)
        return `${(left + i * step).toFixed(1)} ${y.toFixed(1)}`
      })
      if (points.length < 2) return
      const path = `M${points.join('L')}`
      line.setAttribute('d', path)
      area.setAttribute('d', `${path}L${WIDTH} ${HEIGHT}L${left.toFixed(1)} ${HEIGHT}Z`)
    },
  }
}
