import type { Message } from '../../domain/reminders.ts'
import type { Notifications } from '../../ports/notifications.ts'

/** Messages into the log, where nobody has named a channel: an alert rule may watch for them. One is told once a process. */
export class LogNotifications implements Notifications {
  readonly #note: (words: string, about: object) => void
  readonly #told = new Set<string>()

  constructor(note: (words: string, about: object) => void) {
    this.#note = note
  }

  async tell(message: Message): Promise<'told' | 'toldBefore'> {
    const name = `${message.planId}/${message.key}`
    if (this.#told.has(name)) return 'toldBefore'
    this.#told.add(name)
    this.#note('people are to be told', message)
    return 'told'
  }
}
