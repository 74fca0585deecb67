import type { RegionView } from './actions.ts'
import { instant } from './format.ts'

/** Signals of a region that can't be judged by: what is missing, and when there will be enough. */
export function MissingSignals({ region }: { region: RegionView }) {
  const missing = region.readiness ?? []
  if (missing.length === 0) return null
  return (
    <details class="panel">
      <summary>
        Signals not ready <span class="count">{missing.length}</span>
      </summary>
      <ul>
        {missing.map(({ stamp, pool, signal, readyMs, words }) => (
          <li key={`${stamp} ${pool} ${signal}`}>
            {words}
            {readyMs !== null && <span class="muted"> ({instant(readyMs)})</span>}
          </li>
        ))}
      </ul>
    </details>
  )
}
