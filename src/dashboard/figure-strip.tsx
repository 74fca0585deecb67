import type { ComponentChildren } from 'preact'
import type { Figures } from '../domain/plan.ts'
import { percent } from './format.ts'

const MIDDLE = 13

/** The three figures on one axis of 0 to 100 %, so that their disagreement is seen before it is read. */
export function FigureStrip({ figures, hotPercent }: { figures: Figures; hotPercent: number | undefined }) {
  const { poolAverage, max, hotNodeP95 } = figures
  const label = `average ${percent(poolAverage)} %, Max ${percent(max)} %, hot-node P95 ${percent(hotNodeP95)} %`
  return (
    <svg class="strip" role="img" aria-label={label} width="100%" height="26">
      <line class="strip-track" x1="0" x2="100%" y1={MIDDLE} y2={MIDDLE} />
      {poolAverage !== null && hotNodeP95 !== null && (
        <line class="strip-span" x1={at(poolAverage)} x2={at(hotNodeP95)} y1={MIDDLE} y2={MIDDLE} />
      )}
      {hotPercent !== undefined && (
        <line class="strip-hot" x1={at(hotPercent)} x2={at(hotPercent)} y1="2" y2="24" />
      )}
      <Mark value={poolAverage}>
        <AverageMark />
      </Mark>
      <Mark value={max}>
        <MaxMark />
      </Mark>
      <Mark value={hotNodeP95}>
        <P95Mark />
      </Mark>
    </svg>
  )
}

/** What the marks of a strip mean. */
export function StripKey({ hotPercent }: { hotPercent: number | undefined }) {
  return (
    <span class="strip-key">
      <KeyMark topPx={-3}>
        <AverageMark />
      </KeyMark>
      average
      <KeyMark topPx={2}>
        <MaxMark />
      </KeyMark>
      Max
      <KeyMark topPx={-3}>
        <P95Mark />
      </KeyMark>
      P95
      {hotPercent !== undefined && <span class="strip-key-hot">hot at {hotPercent}</span>}
    </span>
  )
}

function KeyMark({ topPx, children }: { topPx: number; children: ComponentChildren }) {
  return (
    <svg class="strip key-mark" width="14" height="20" aria-hidden="true">
      <svg x="7" y={topPx} overflow="visible" aria-hidden="true">
        {children}
      </svg>
    </svg>
  )
}

function Mark({ value, children }: { value: number | null; children: ComponentChildren }) {
  if (value === null) return null
  return (
    <svg x={at(value)} overflow="visible" aria-hidden="true">
      {children}
    </svg>
  )
}

function AverageMark() {
  return <circle class="mark-average" cx="0" cy={MIDDLE} r="3.6" />
}

function MaxMark() {
  return <path class="mark-max" d={`M-4.5 ${MIDDLE - 9}h9L0 ${MIDDLE - 1}z`} />
}

function P95Mark() {
  return <rect class="mark-p95" x="-3" y={MIDDLE - 8} width="6" height="16" rx="1.5" />
}

function at(value: number): string {
  return `${Math.min(100, Math.max(0, value))}%`
}
