import { z } from 'zod'
import { FiguresQuery } from '../messages/figures-api.ts'
import type { Identity } from '../ports/identity.ts'
import type { Ports } from '../ports/ports.ts'
import { figuresView } from '../queries/figures.ts'
import { NoBody, registerRoute } from './api.ts'
import { problem } from './problems.ts'

/** How plans did, in the figures that nobody publishes. */
export function registerFiguresRoute(ports: Ports, identity: Identity): void {
  registerRoute(identity, {
    name: 'readFigures',
    method: 'GET',
    path: 'figures',
    action: 'read',
    body: NoBody,
    handle: async ({ query }) => {
      const asked = FiguresQuery.safeParse({ days: query.get('days') ?? undefined })
      if (!asked.success) return problem('invalid-request', z.prettifyError(asked.error))
      return { jsonBody: await figuresView(ports, asked.data.days) }
    },
  })
}
