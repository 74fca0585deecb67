import { z } from 'zod'

/** What a running host leaves for its users, in `session.json` of its state folder. */
export const Session = z.object({
  baseUrl: z.string(),
  users: z.array(z.object({ name: z.string(), token: z.string() })),
})
export type Session = z.infer<typeof Session>
