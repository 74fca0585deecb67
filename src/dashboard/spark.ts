/** The size of a small picture of a day, px. */
export const SPARK = { width: 64, height: 18 } as const

/** The line of a day. A lone hour between gaps is a dot: a line of no length with round ends. */
export function linePath(values: readonly (number | null)[]): string {
  const step = SPARK.width / Math.max(1, values.length - 1)
  return values
    .map((value, at) => {
      if (value === null) return ''
      const before = values[at - 1]
      const isStart = before === null || before === undefined
      const point = `${round(at * step)} ${heightOf(value)}`
      return isStart ? `M${point}L${point}` : `L${point}`
    })
    .join('')
}

/** Where a percentage lies, from the top. */
export function heightOf(value: number): number {
  return round(SPARK.height - 1 - (Math.min(100, Math.max(0, value)) / 100) * (SPARK.height - 2))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
