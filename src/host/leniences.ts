/** Where a host may be kinder than the real one. Code that needs one of these breaks on Azure. */
export interface Leniences {
  /** A task that is yielded again in `Task.any` or `Task.all` is the same task, and is not scheduled a second time. */
  readonly repeatedTasks?: boolean
  /** A long timer is one timer, not a chain of shorter ones. */
  readonly longTimers?: boolean
  /** Events that no wait took are kept over continue-as-new. */
  readonly unclaimedEvents?: boolean
}
