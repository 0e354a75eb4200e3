import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certsIn } from './certificates.ts'
import { DEFAULT_BASE, type Place, PORTS_OF_ONE, placesFrom } from './places.ts'

/**
 * Writes the sidecar's configuration of every member into a folder, as `NAME.yaml`. The files in `sidecars/` are those
 * of the first instance of each trade; for another instance or another base only names and ports change.
 */
export async function writeConfigs(places: readonly Place[], folder: string): Promise<void> {
  await Promise.all(
    places.map(async (place) => {
      const template = new URL(`sidecars/${place.trade}.yaml`, import.meta.url)
      const text = configOf(place, places[0]!.base, await readFile(template, 'utf8'))
      await writeFile(configPath(folder, place), withCerts(text, certsIn(folder)))
    }),
  )
}

/** Where the configuration of a member's sidecar is. */
export function configPath(folder: string, place: Place): string {
  return join(folder, `${place.name}.yaml`)
}

/** The same with certificates that lie in `folder`; the files say `certs/`. */
export function withCerts(text: string, folder: string): string {
  return text.replaceAll('filename: certs/', `filename: ${folder}/`)
}

function configOf(place: Place, shopBase: number, template: string): string {
  const model = placesFrom(DEFAULT_BASE).find(({ trade }) => trade === place.trade)!
  const named = template.replace(`id: ${model.name},`, `id: ${place.name},`)
  return named.replace(/\b18(0\d\d)\b/g, (text) => {
    const own = Number(text) - model.base
    return String(
      own >= 0 && own < PORTS_OF_ONE ? place.base + own : shopBase + Number(text) - DEFAULT_BASE,
    )
  })
}
