/** What the answer of `/clusters?format=json` holds of interest here. */
interface Clusters {
  readonly clusters: readonly {
    readonly hosts: readonly { readonly address: string; readonly health: string }[]
  }[]
}

/** How the hosts of a sidecar's clusters are, by address, as its admin page tells; empty when it does not answer. */
export async function healthFrom(adminPort: number): Promise<ReadonlyMap<string, string>> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/clusters?format=json`, {
      signal: AbortSignal.timeout(800),
    })
    const { clusters } = (await response.json()) as Clusters
    return new Map(clusters.flatMap(({ hosts }) => hosts.map((one) => [one.address, one.health])))
  } catch {
    return new Map()
  }
}
