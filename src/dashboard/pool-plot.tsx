import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import type { SignalsView } from '../messages/api.ts'
import { instant, percent } from './format.ts'

const HEIGHT_PX = 260
const SECOND_MS = 1_000

/** The hottest node and the average per bin; gaps stay gaps, since a missing bin is not a zero. */
export function PoolPlot({ view, label }: { view: SignalsView; label: string }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(view)
  latest.current = view
  const [under, setUnder] = useState<number | null>(null)

  useEffect(() => {
    const element = place.current
    if (!element) return
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(options(element, latest, setUnder), dataOf(latest.current), element)
    }
    draw()
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    )
    resized.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = null
    }
  }, [])
  useEffect(() => plot.current?.setData(dataOf(view)), [view])

  return (
    <figure class="plot">
      <div ref={place} role="img" aria-label={label} />
      <figcaption class="muted">
        {under === null ? 'Point at a minute to read it.' : binWords(view, under)}
      </figcaption>
    </figure>
  )
}

function dataOf(view: SignalsView): uPlot.AlignedData {
  const times = view.hot.map((_, at) => (view.startMs + at * view.binMs) / SECOND_MS)
  return [times, [...view.hot], [...view.average]]
}

function binWords(view: SignalsView, at: number): string {
  const hot = view.hot[at] ?? null
  const when = `${instant(view.startMs + at * view.binMs)} UTC`
  if (hot === null) return `${when}: no data`
  return `${when}: ${percent(hot)} % on ${view.hotNode[at] ?? 'an unnamed node'}, average ${percent(view.average[at])} %`
}

interface Colours {
  readonly hot: string
  readonly average: string
  readonly limit: string
  readonly p95: string
  readonly peak: string
  readonly grid: string
  readonly text: string
}

/** A canvas knows no custom properties, so the theme's colours are read from the element. */
function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  return {
    hot: colour('--plot-hot'),
    average: colour('--plot-average'),
    limit: colour('--plot-limit'),
    p95: colour('--plot-p95'),
    peak: colour('--plot-peak'),
    grid: colour('--line'),
    text: colour('--muted'),
  }
}

function options(
  element: HTMLElement,
  latest: { readonly current: SignalsView },
  onCursor: (at: number | null) => void,
): uPlot.Options {
  const colours = coloursOf(element)
  const font = `11px ${getComputedStyle(element).fontFamily}`
  const axis = {
    stroke: colours.text,
    font,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [10, 20, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * SECOND_MS), 'Etc/UTC'),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(100, max ?? 100)] } },
    axes: [
      { ...axis, space: 64, size: 40, values: timeTicks },
      { ...axis, size: 34, values: (_plot, ticks) => ticks.map((tick) => `${tick}`) },
    ],
    series: [
      {},
      { stroke: colours.hot, width: 1.4, spanGaps: false, points: { show: false } },
      { stroke: colours.average, width: 1.2, spanGaps: false, points: { show: false } },
    ],
    hooks: {
      drawClear: [(plot) => drawPeak(plot, latest.current, colours)],
      draw: [(plot) => drawLines(plot, latest.current, colours)],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
    },
  }
}

/** Hours as `14:00`; the first one, and where a day begins, with the day below. */
function timeTicks(_plot: uPlot, ticks: number[]): string[] {
  return ticks.map((tick, at) => {
    const [day = '', time = ''] = instant(tick * SECOND_MS).split(', ')
    return at === 0 || time === '00:00' ? `${time}\n${day}` : time
  })
}

function drawPeak(plot: uPlot, view: SignalsView, colours: Colours): void {
  if (!view.window) return
  const { left, width, top, height } = plot.bbox
  const x = (ms: number) => Math.min(left + width, Math.max(left, plot.valToPos(ms / SECOND_MS, 'x', true)))
  plot.ctx.fillStyle = colours.peak
  const from = x(view.window.startMs)
  plot.ctx.fillRect(from, top, x(view.window.endMs) - from, height)
}

function drawLines(plot: uPlot, view: SignalsView, colours: Colours): void {
  const { left, width } = plot.bbox
  const clamp = (x: number) => Math.min(left + width, Math.max(left, x))
  const across = { from: left, to: left + width }
  drawLevel(plot, { ...across, value: view.hotPercent, colour: colours.limit, dash: [6, 4], width: 1.5 })
  const { hotNodeP95 } = view.figures
  if (hotNodeP95 === null || !view.window) return
  const from = clamp(plot.valToPos(view.window.startMs / SECOND_MS, 'x', true))
  const to = clamp(plot.valToPos(view.window.endMs / SECOND_MS, 'x', true))
  drawLevel(plot, { from, to, value: hotNodeP95, colour: colours.p95, dash: [], width: 2.5 })
}

interface Level {
  readonly from: number
  readonly to: number
  readonly value: number
  readonly colour: string
  readonly dash: readonly number[]
  readonly width: number
}

function drawLevel(plot: uPlot, level: Level): void {
  const { ctx } = plot
  const y = plot.valToPos(level.value, 'y', true)
  ctx.save()
  ctx.strokeStyle = level.colour
  ctx.lineWidth = level.width * devicePixelRatio
  ctx.setLineDash(level.dash.map((length) => length * devicePixelRatio))
  ctx.beginPath()
  ctx.moveTo(level.from, y)
  ctx.lineTo(level.to, y)
  ctx.stroke()
  ctx.restore()
}
