import type { ComponentChildren } from 'preact'
import type { Tone } from './words.ts'

/** One shape a tone: full disc hot, half disc warm, ring cool, dotted ring unknown, and so on. */
function drawing(tone: Tone): ComponentChildren {
  const ring = <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.8" />
  switch (tone) {
    case 'hot':
      return <path d="M8 1.2 15 14.2H1z" fill="currentColor" />
    case 'warm':
      return [ring, <path key="half" d="M8 2.4a5.6 5.6 0 0 1 0 11.2z" fill="currentColor" />]
    case 'cool':
      return ring
    case 'unknown':
      return (
        <circle
          cx="8"
          cy="8"
          r="5.6"
          fill="none"
          stroke="currentColor"
          stroke-width="1.8"
          stroke-dasharray="1.6 2.8"
        />
      )
    case 'waits':
      return <path d="M3 1.5h10v2.6L9.4 8l3.6 3.9v2.6H3v-2.6L6.6 8 3 4.1z" fill="currentColor" />
    case 'works':
      return <path d="M3.5 2 13.5 8l-10 6z" fill="currentColor" />
    case 'held':
      return <path d="M3.2 2.2h3.6v11.6H3.2zM9.2 2.2h3.6v11.6H9.2z" fill="currentColor" />
    case 'done':
      return <path d="m2 8.6 4 4L14 3.8" fill="none" stroke="currentColor" stroke-width="2.4" />
    case 'undone':
      return (
        <path
          d="M5.8 2 2.4 5.4l3.4 3.4M2.8 5.4h6.6a4.1 4.1 0 0 1 0 8.2H5"
          fill="none"
          stroke="currentColor"
          stroke-width="2"
        />
      )
    default:
      return tone satisfies never
  }
}

export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg class={`shape tone-${tone}`} viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
      {drawing(tone)}
    </svg>
  )
}

/** A word with its shape. */
export function Tagged({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`tagged tone-${tone}`}>
      <Shape tone={tone} />
      <span>{children}</span>
    </span>
  )
}

/** Some of all, 0..1, as a bar for the eye alone; the words beside it say the same. */
export function Meter({ of }: { of: number }) {
  const width = `${Math.min(100, Math.max(0, of * 100))}%`
  return (
    <svg class="meter" aria-hidden="true" height="6">
      <rect class="meter-all" width="100%" height="6" rx="3" />
      <rect class="meter-some" width={width} height="6" rx="3" />
    </svg>
  )
}
