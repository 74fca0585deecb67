import { type Told, toldName } from '../../domain/reminders.ts'
import { type Notifications, NotTold } from '../../ports/notifications.ts'

/** Messages into the log, where nobody has named a channel: an alert rule may watch for them. One is told once a process. */
export class LogNotifications implements Notifications {
  readonly #note: (words: string, about: object) => void
  readonly #told = new Set<string>()

  constructor(note: (words: string, about: object) => void) {
    this.#note = note
  }

  async tell(message: Told): Promise<'told' | 'toldBefore'> {
    const name = toldName(message)
    if (this.#told.has(name)) return 'toldBefore'
    try {
      this.#note('people are to be told', message)
    } catch (error) {
      throw new NotTold('the log takes nothing now', { cause: error })
    }
    this.#told.add(name)
    return 'told'
  }
}
