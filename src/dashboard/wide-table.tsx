import type { ComponentChildren } from 'preact'

/** A table that may be wider than the screen: it scrolls by itself, by keys too, and says what it is. */
export function WideTable({
  label,
  flush = false,
  children,
}: {
  label: string
  flush?: boolean
  children: ComponentChildren
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys.
    <section class={flush ? 'table-scroll panel flush' : 'table-scroll'} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
