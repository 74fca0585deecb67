import { heightOf, linePath, SPARK } from './spark.ts'

/** A day, hour by hour, on an axis of 0 to 100 %, for the eye alone. What is missing is a gap. */
export function Sparkline(props: { values: readonly (number | null)[]; limit: number | undefined }) {
  const { values, limit } = props
  const { width, height } = SPARK
  return (
    <svg
      class="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      {limit !== undefined && (
        <line class="sparkline-limit" x1="0" x2={width} y1={heightOf(limit)} y2={heightOf(limit)} />
      )}
      <path class="sparkline-line" d={linePath(values)} />
    </svg>
  )
}
