import type { StampView } from '../messages/stamp-api.ts'
import { count, percent } from './format.ts'
import { WideTable } from './wide-table.tsx'

type Split = StampView['pools'][number]

interface Part {
  readonly name: string
  readonly points: number
  readonly band: string
  readonly kind: 'registry' | 'others' | 'baseline'
}

/** What a pool's hot minutes are made of, one on top of the other, and in figures. */
export function Contributors({
  split,
  replicas,
}: {
  split: Split | undefined
  replicas: StampView['replicas']
}) {
  return (
    <section class="panel" aria-labelledby="contributors">
      <h2 id="contributors">Who causes its hot minutes</h2>
      {split ? (
        <>
          <p class="muted">
            Points of the {percent(split.shown)} % that its hottest node shows in its hot minutes, with the
            band that nine in ten true values lie in.
          </p>
          <Stack parts={partsOf(split)} />
          <PartsTable parts={partsOf(split)} customers={customersOf(replicas)} />
        </>
      ) : (
        <p>Nobody can be told: the load of its registries, or its CPU, is not known.</p>
      )}
    </section>
  )
}

function customersOf(replicas: StampView['replicas']): ReadonlyMap<string, string> {
  return new Map(replicas.map(({ registry, customer }) => [registry, customer]))
}

function partsOf({ registries, others, baseline }: Split): Part[] {
  const named = registries.map(({ registry, points, low, high }) => ({
    ...{ name: registry, points, kind: 'registry' as const },
    band: `${percent(low)} to ${percent(high)}`,
  }))
  const rest = {
    name: count(others.count, 'other', 'others'),
    ...{ points: others.points, band: '', kind: 'others' as const },
  }
  const own = { name: 'the stamp’s own', points: baseline, band: '', kind: 'baseline' as const }
  return [...named, ...(others.count > 0 ? [rest] : []), own]
}

/** For the eye alone: the table says the same. From 0 to 100 % of a node. */
function Stack({ parts }: { parts: readonly Part[] }) {
  let from = 0
  return (
    <svg class="stack" width="100%" height="28" aria-hidden="true">
      <rect class="meter-all" width="100%" height="28" />
      {parts.map(({ name, points, kind }, at) => {
        const x = from
        from += Math.max(0, points)
        return (
          <rect
            key={name}
            class={`stack-${kind} stack-${at % 2 === 0 ? 'even' : 'odd'}`}
            x={`${Math.min(100, x)}%`}
            width={`${Math.max(0, Math.min(100 - x, points))}%`}
            height="28"
          />
        )
      })}
    </svg>
  )
}

function PartsTable({
  parts,
  customers,
}: {
  parts: readonly Part[]
  customers: ReadonlyMap<string, string>
}) {
  return (
    <WideTable label="Points of each registry">
      <table>
        <thead>
          <tr>
            <th scope="col">Registry</th>
            <th scope="col">Customer</th>
            <th scope="col" class="number">
              Points
            </th>
            <th scope="col" class="number">
              Band
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ name, points, band }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{customers.get(name) ?? '–'}</td>
              <td class="number">{percent(points)}</td>
              <td class="number nowrap">{band || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  )
}
