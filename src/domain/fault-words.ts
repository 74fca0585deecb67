import type { FaultKind } from './rehearsal.ts'

/** Each standard fault as people read it; apart from its schema, since the page shows it, too. */
export const FAULT_WORDS: Readonly<Record<FaultKind, string>> = {
  'destination-worse': 'the destination does worse than predicted',
  'signal-gap': 'the destination’s telemetry is missing',
  'rebind-fails': 're-binds fail',
  'dns-laggards': 'clients cling to the old address for hours',
  kill: 'Restamp is killed amid a move',
}
