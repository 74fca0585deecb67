import type { Told } from '../domain/reminders.ts'

/** Tells people. A message is told once for its plan and key, whoever asks and how often; throws `NotTold` when it can't be now. */
export interface Notifications {
  tell(message: Told): Promise<'told' | 'toldBefore'>
}

/** The channel can't be reached now; asked again later it may. */
export class NotTold extends Error {
  override readonly name = 'NotTold'
}
