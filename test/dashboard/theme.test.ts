import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const CSS = readFileSync(new URL('../../src/dashboard/theme.css', import.meta.url), 'utf8')
const [LIGHT = '', DARK = ''] = CSS.split('@media screen and (prefers-color-scheme: dark)')

const AA_TEXT = 4.5
const AA_GRAPHIC = 3

const GROUNDS = ['ground', 'surface', 'raised', 'accent-soft', 'waits-soft', 'warm-soft', 'hot-soft'] as const
const TEXTS = ['ink', 'muted', 'accent', 'hot', 'warm', 'cool', 'works', 'waits'] as const
const GRAPHICS = ['edge', 'plot-hot', 'plot-limit', 'plot-p95', 'accent', 'hot'] as const

const themes = [
  ['light', coloursOf(LIGHT)],
  ['dark', coloursOf(DARK)],
] as const

test.each(themes)('every text of the %s theme has the contrast of WCAG AA on every ground', (_, colours) => {
  const weak = GROUNDS.flatMap((ground) =>
    TEXTS.filter((text) => contrast(colours, text, ground) < AA_TEXT).map(
      (text) => `${text} on ${ground}: ${contrast(colours, text, ground).toFixed(2)}`,
    ),
  )

  expect(weak).toEqual([])
  expect(contrast(colours, 'accent-ink', 'accent')).toBeGreaterThan(AA_TEXT)
  expect(contrast(colours, 'surface', 'hot')).toBeGreaterThan(AA_TEXT)
})

test.each(themes)(
  'lines and borders that mean something in the %s theme stand out from the surface',
  (_, colours) => {
    const weak = GRAPHICS.filter((graphic) => contrast(colours, graphic, 'surface') < AA_GRAPHIC)

    expect(weak).toEqual([])
  },
)

function coloursOf(css: string): ReadonlyMap<string, string> {
  return new Map(
    [...css.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  )
}

/** The contrast of WCAG 2.2: (lighter + 0.05) / (darker + 0.05) of the relative luminances. */
function contrast(colours: ReadonlyMap<string, string>, one: string, other: string): number {
  const [a, b] = [one, other].map((name) => {
    const hex = colours.get(name)
    if (!hex) throw new Error(`theme.css has no colour --${name} as six hex digits`)
    return luminance(hex)
  })
  const [light = 0, dark = 0] = [a ?? 0, b ?? 0].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
