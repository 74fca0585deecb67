import { z } from 'zod'
import { FiguresQuery } from '../messages/figures-api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { figuresView } from '../queries/figures.ts'
import { type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'

/** How plans did, in the figures that nobody publishes. */
export function registerFiguresRoute(ports: Ports, door: Door): void {
  registerRoute(door, OPERATIONS.readFigures, async ({ query }) => {
    const asked = FiguresQuery.safeParse({ days: query.get('days') ?? undefined })
    if (!asked.success) return problem('invalid-request', z.prettifyError(asked.error))
    return { jsonBody: await figuresView(ports, asked.data.days) }
  })
}
