/* Two stamps, the first of them hot: one registry of contoso on the other one cools it. */

export const END_MS = Date.UTC(2026, 2, 11)
const MINUTES = 30 * 60
const time = (minute: number) => new Date(END_MS - (MINUTES - minute) * 60_000).toISOString()

export const FLEET = {
  regions: [
    {
      name: 'westeurope',
      stamps: ['weu-01', 'weu-02'].map((id) => ({
        id,
        kind: 'shared',
        state: 'active',
        pools: [{ role: 'registry', nodes: 2, minNodes: 1, maxNodes: 4, vcpusPerNode: 4 }],
      })),
    },
  ],
  registries: [
    { name: 'contoso01', customer: 'contoso', home: 'weu-01', pinned: false },
    { name: 'contoso02', customer: 'contoso', home: 'weu-01', pinned: false },
    { name: 'fabrikam01', customer: 'fabrikam', home: 'weu-01', pinned: false },
    { name: 'litware01', customer: 'litware', home: 'weu-02', pinned: false },
  ].map(({ home, pinned, ...registry }) => ({
    ...registry,
    replicas: [{ region: 'westeurope', homeStamp: home, pinned }],
  })),
}
const CORES: Readonly<Record<string, number>> = { contoso01: 2, contoso02: 2, fabrikam01: 2.4, litware01: 1 }

export function cpuRows(): string[] {
  const load = { 'weu-01': 80, 'weu-02': 12.5 }
  return Object.entries(load).flatMap(([stamp, percent]) =>
    ['n1', 'n2'].flatMap((node) =>
      Array.from(
        { length: MINUTES },
        (_, minute) => `${time(minute)},westeurope,${stamp},registry,${node},${percent}`,
      ),
    ),
  )
}

export function loadRows(): string[] {
  return Object.entries(CORES).flatMap(([registry, cores]) =>
    Array.from(
      { length: MINUTES },
      (_, minute) => `${time(minute)},westeurope,${registry},registry,${cores * 100},${cores * 60}`,
    ),
  )
}

export const CPU_HEADER = 'timestamp,region,stamp,pool,node,cpu_percent'
export const LOAD_HEADER = 'timestamp,region,registry,pool,requests,cpu_seconds'
