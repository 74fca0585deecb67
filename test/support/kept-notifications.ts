import type { Message } from '../../src/domain/reminders.ts'
import { type Notifications, NotTold } from '../../src/ports/notifications.ts'

/** A channel that keeps what it was told, and can be out of order. */
export class KeptNotifications implements Notifications {
  readonly messages: Message[] = []
  /** How often it refuses before it takes something. */
  failures = 0

  async tell(message: Message): Promise<'told' | 'toldBefore'> {
    if (this.failures > 0) {
      this.failures -= 1
      throw new NotTold('the channel is out of order')
    }
    if (this.messages.some(({ planId, key }) => planId === message.planId && key === message.key))
      return 'toldBefore'
    this.messages.push(message)
    return 'told'
  }
}
