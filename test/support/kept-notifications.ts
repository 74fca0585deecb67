import { type Told, toldName } from '../../src/domain/reminders.ts'
import { type Notifications, NotTold } from '../../src/ports/notifications.ts'

/** A channel that keeps what it was told, and can be out of order. */
export class KeptNotifications implements Notifications {
  /** Of runs that wait for somebody. */
  readonly messages: Told[] = []
  /** Of each day; they ask nobody for anything. */
  readonly days: Told[] = []
  /** How often it refuses before it takes something. */
  failures = 0

  async tell(message: Told): Promise<'told' | 'toldBefore'> {
    if (this.failures > 0) {
      this.failures -= 1
      throw new NotTold('the channel is out of order')
    }
    const kept = message.planId === null ? this.days : this.messages
    if (kept.some((before) => toldName(before) === toldName(message))) return 'toldBefore'
    kept.push(message)
    return 'told'
  }
}
